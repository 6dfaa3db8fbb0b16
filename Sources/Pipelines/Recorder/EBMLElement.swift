/// One element of an EBML document (RFC 8794): its id with marker bits, and where its content lies. Trap-free on any bytes.
public struct EBMLElement: Sendable, Hashable {
  /// With its marker bits, as ``Matroska`` names them.
  public var id: UInt32
  /// Index of the first byte of the id.
  public var start: Int
  /// The content, cut at the end of the bytes that are there.
  public var content: Range<Int>
  /// The size was given and all of the content is there. False for elements of unknown size (live segments and clusters) and for a torn tail.
  public var isWhole: Bool
  /// The size was not given: the content ends where an element of a higher level begins.
  public var hasUnknownSize: Bool

  /// Reads the element at `offset`, looking no further than `limit`; nil when there is no whole id and size.
  public init?(_ bytes: [UInt8], at offset: Int, limit: Int) {
    let limit = min(limit, bytes.count)
    guard let (id, afterID) = EBMLElement.number(bytes, at: offset, limit: limit, longest: 4, keepsMarker: true),
      let (size, afterSize) = EBMLElement.number(bytes, at: afterID, limit: limit, longest: 8, keepsMarker: false),
      let shortID = UInt32(exactly: id)
    else { return nil }
    self.id = shortID
    start = offset
    let unknown: UInt64 = (1 << (7 * UInt64(afterSize - afterID))) - 1
    hasUnknownSize = size == unknown
    isWhole = !hasUnknownSize && size <= UInt64(limit - afterSize)
    content = afterSize..<(isWhole ? afterSize + Int(size) : limit)
  }

  /// The elements inside a range, up to the first that cannot be read.
  public static func list(_ bytes: [UInt8], in range: Range<Int>) -> [EBMLElement] {
    var found: [EBMLElement] = []
    var at = range.lowerBound
    while at < range.upperBound, let element = EBMLElement(bytes, at: at, limit: range.upperBound) {
      found.append(element)
      at = element.content.upperBound
    }
    return found
  }

  /// The content as an unsigned integer, at most eight bytes.
  public func unsigned(_ bytes: [UInt8]) -> UInt64? {
    guard isWhole, content.count <= 8, content.upperBound <= bytes.count else { return nil }
    return bytes[content].reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func number(
    _ bytes: [UInt8], at offset: Int, limit: Int, longest: Int, keepsMarker: Bool
  ) -> (value: UInt64, next: Int)? {
    guard offset >= 0, offset < limit else { return nil }
    let first = bytes[offset]
    let length = first.leadingZeroBitCount + 1
    guard length <= longest, length <= limit - offset else { return nil }
    var value = keepsMarker ? UInt64(first) : UInt64(first) & ((1 << UInt64(8 - length)) - 1)
    for byte in bytes[(offset + 1)..<(offset + length)] { value = value << 8 | UInt64(byte) }
    return (value, offset + length)
  }
}
