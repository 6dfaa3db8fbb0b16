internal import Model
internal import NIOCore

/// Several coded units in one job's bytes: their lengths stand in the JSON part.
enum UnitList {
  /// More units than any job needs; a longer list is refused.
  static let most = 2000

  static func lengths(_ units: [ByteBuffer]) -> JSON { .array(units.map { .int(Int64($0.readableBytes)) }) }

  static func joined(_ units: [ByteBuffer]) -> ByteBuffer {
    var bytes = ByteBufferAllocator().buffer(capacity: units.reduce(0) { $0 + $1.readableBytes })
    for unit in units { bytes.writeImmutableBuffer(unit) }
    return bytes
  }

  /// The units again; nil when the lengths do not cover the bytes exactly.
  static func split(_ bytes: ByteBuffer, lengths: JSON?) -> [ByteBuffer]? {
    guard let lengths = lengths?.arrayValue, !lengths.isEmpty, lengths.count <= most else { return nil }
    var rest = bytes
    var units: [ByteBuffer] = []
    for length in lengths {
      guard let length = length.intValue, length >= 0, length <= rest.readableBytes, let unit = rest.readSlice(length: Int(length)) else {
        return nil
      }
      units.append(unit)
    }
    return rest.readableBytes == 0 ? units : nil
  }
}
