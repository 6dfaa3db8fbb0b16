import Synchronization

/// Gathers what closures on other threads are given.
final class Box<Element: Sendable>: Sendable {
  private let items = Mutex<[Element]>([])
  func add(_ item: Element) { items.withLock { $0.append(item) } }
  var all: [Element] { items.withLock { $0 } }
}
