internal import Model
internal import NIOCore

/// The units of a picture track since the last look but one, so that the edge of a span can be searched for frame by frame. Pure.
struct PictureHistory {
  static let most = 4 << 20
  /// More units are not decoded in one search.
  static let longestSearch = 300

  /// From the look before the still stretch up to its first look; nil when not whole, or no longer of use.
  private(set) var beforeStill: [AccessUnit]?
  /// From the last look on.
  private var since: [AccessUnit] = []
  private var isWhole = false
  /// Where in ``since`` the unit stands that is looked at now.
  private var looked: Int?
  private(set) var bytes = 0

  /// - Parameter mayHold: whether the node has memory for more; asked only where the unit would be held.
  mutating func append(_ unit: AccessUnit, mayHold: @autoclosure () -> Bool) {
    guard isWhole || looked != nil else { return }
    let size = unit.payload.readableBytes
    guard mayHold(), bytes + size <= PictureHistory.most else {
      forget()
      return
    }
    since.append(unit)
    bytes += size
  }

  /// The next unit that is appended is looked at.
  mutating func beginLook() { looked = since.count }

  /// The look failed: the interval goes on.
  mutating func failLook() { looked = nil }

  /// Units from the last look up to the one that is looked at; nil when they are not whole or too many.
  var sinceLast: [AccessUnit]? {
    guard isWhole, let looked, looked > 0, looked <= PictureHistory.longestSearch else { return nil }
    return Array(since[..<looked])
  }

  /// The look succeeded.
  /// - Parameters:
  ///   - isNewPicture: another still stretch begins with it, and what came before is what leads to it.
  ///   - keepsBefore: what leads to the stretch may still be wanted.
  mutating func endLook(isNewPicture: Bool, keepsBefore: Bool) {
    let interval = sinceLast
    if let looked { since.removeFirst(min(looked, since.count)) }
    isWhole = looked != nil && !since.isEmpty
    looked = nil
    if isNewPicture { beforeStill = interval } else if !keepsBefore { beforeStill = nil }
    recount()
  }

  /// Lets all go; the next look begins anew.
  mutating func forget() {
    beforeStill = nil
    since = []
    isWhole = false
    // A look that is under way then has no interval, and none follows it: the next one begins anew.
    looked = nil
    bytes = 0
  }

  private mutating func recount() {
    bytes = since.reduce(0) { $0 + $1.payload.readableBytes } + (beforeStill ?? []).reduce(0) { $0 + $1.payload.readableBytes }
  }
}
