/// The id and size before an EBML element's content (RFC 8794 §4, §5), read from bytes that come one by one. Trap-free on any bytes.
struct ElementHead: Equatable {
  enum Reading: Equatable {
    /// The head goes on.
    case incomplete
    case whole(ElementHead)
    /// No element begins with these bytes.
    case malformed
  }

  /// With its marker bits.
  var id: UInt32
  /// Bytes of the content; nil when it is unknown, as in a segment that is still written.
  var size: UInt64?

  /// - Parameter bytes: from the id's first byte on, none behind the size.
  static func read(_ bytes: [UInt8]) -> Reading {
    guard let first = bytes.first else { return .incomplete }
    let idLength = first.leadingZeroBitCount + 1
    guard idLength <= 4 else { return .malformed }
    guard bytes.count > idLength else { return .incomplete }
    let sizeLength = bytes[idLength].leadingZeroBitCount + 1
    guard sizeLength <= 8 else { return .malformed }
    guard bytes.count == idLength + sizeLength else { return bytes.count < idLength + sizeLength ? .incomplete : .malformed }
    let id = bytes.prefix(idLength).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return .whole(ElementHead(id: id, size: number(bytes[idLength...])))
  }

  /// A variable-size integer without its marker; nil when all ones: unknown.
  static func number(_ bytes: ArraySlice<UInt8>) -> UInt64? {
    guard let first = bytes.first else { return nil }
    let length = first.leadingZeroBitCount + 1
    guard length <= 8, bytes.count == length else { return nil }
    let mask: UInt64 = (1 << UInt64(8 - length)) - 1
    var value = UInt64(first) & mask
    for byte in bytes.dropFirst() { value = value << 8 | UInt64(byte) }
    let unknown: UInt64 = (1 << UInt64(7 * length)) - 1
    return value == unknown ? nil : value
  }
}
