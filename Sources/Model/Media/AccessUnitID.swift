/// The identity of one access unit, the same at every tier: origin, epoch (wall milliseconds when the publication was admitted) and number
/// (1… within the epoch, over all tracks). Carried between our nodes in an RTP header extension, 16 bytes, big-endian epoch and number.
public struct AccessUnitID: Hashable, Sendable, CustomStringConvertible {
  /// The node and path where the stream was first received.
  public var origin: UnitOrigin
  /// Which publication at that node: wall milliseconds of its admission, higher than any before.
  public var epoch: UInt64
  /// 1… within the epoch, over all tracks.
  public var number: UInt64

  public init(origin: UnitOrigin, epoch: UInt64, number: UInt64) {
    self.origin = origin
    self.epoch = epoch
    self.number = number
  }

  /// `node/path@epoch#number`: the form in facts, receipts and reports.
  public var description: String { "\(origin)@\(epoch)#\(number)" }

  /// Parses ``description``; the first segment is the node.
  public init?(_ text: String) {
    guard let hash = text.lastIndex(of: "#"), let at = text[..<hash].lastIndex(of: "@"), let slash = text.firstIndex(of: "/"), slash < at,
      let number = UInt64(text[text.index(after: hash)...]), let epoch = UInt64(text[text.index(after: at)..<hash]),
      let path = StreamName(String(text[text.index(after: slash)..<at]))
    else { return nil }
    self.init(origin: UnitOrigin(node: String(text[..<slash]), path: path), epoch: epoch, number: number)
  }
}
