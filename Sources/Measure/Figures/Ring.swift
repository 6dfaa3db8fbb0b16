/// A first-in first-out buffer whose elements keep their absolute index: what a sliding window is kept in. Grows by doubling, so that it
/// allocates only while a stream's rate still rises.
struct Ring<Element: Sendable>: Sendable {
  private var storage: [Element] = []
  private var head = 0
  /// Absolute index of the oldest element.
  private(set) var start = 0
  private(set) var count = 0

  /// Absolute index after the newest element.
  var end: Int { start &+ count }
  var isEmpty: Bool { count == 0 }
  var first: Element? { count == 0 ? nil : storage[head] }
  var last: Element? { count == 0 ? nil : storage[slot(count - 1)] }

  private func slot(_ offset: Int) -> Int {
    let index = head + offset
    return index < storage.count ? index : index - storage.count
  }

  /// The element at an absolute index, or nil outside.
  subscript(absolute index: Int) -> Element? {
    guard index >= start, index < end else { return nil }
    return storage[slot(index - start)]
  }

  mutating func append(_ element: Element) {
    if count == storage.count { grow(filling: element) }
    storage[slot(count)] = element
    count += 1
  }

  mutating func removeFirst() {
    guard count > 0 else { return }
    head = slot(1)
    start += 1
    count -= 1
  }

  /// Drops everything before an absolute index.
  mutating func removeAll(before index: Int) {
    while count > 0, start < index { removeFirst() }
  }

  /// Copies the elements of an absolute range, cut to what is there.
  func elements(from lower: Int, to upper: Int) -> [Element] {
    let from = max(lower, start)
    let to = min(upper, end)
    guard from < to else { return [] }
    return (from..<to).map { storage[slot($0 - start)] }
  }

  private mutating func grow(filling element: Element) {
    var larger: [Element] = []
    larger.reserveCapacity(max(16, storage.count * 2))
    for offset in 0..<count { larger.append(storage[slot(offset)]) }
    while larger.count < max(16, storage.count * 2) { larger.append(element) }
    storage = larger
    head = 0
  }
}
