/// The Tracks element: which number the muxer gave to which track.
enum MatroskaTracks {
  static func parse(_ bytes: [UInt8]) -> [MatroskaWalker.Track] {
    var found: [MatroskaWalker.Track] = []
    for (id, body) in children(bytes[...]) where id == 0xAE {
      var track = MatroskaWalker.Track(number: 0, isVideo: false, codecID: "")
      for (id, value) in children(body) {
        switch id {
        case 0xD7: track.number = value.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        case 0x83: track.isVideo = value.last == 1
        case 0x86: track.codecID = String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
        default: break
        }
      }
      found.append(track)
    }
    return found
  }

  private static func children(_ bytes: ArraySlice<UInt8>) -> [(UInt32, ArraySlice<UInt8>)] {
    var rest = bytes
    var found: [(UInt32, ArraySlice<UInt8>)] = []
    while let id = integer(&rest, keepMarker: true), let size = integer(&rest, keepMarker: false), size <= UInt64(rest.count) {
      found.append((UInt32(truncatingIfNeeded: id), rest.prefix(Int(size))))
      rest = rest.dropFirst(Int(size))
    }
    return found
  }

  private static func integer(_ rest: inout ArraySlice<UInt8>, keepMarker: Bool) -> UInt64? {
    guard let first = rest.first, first != 0 else { return nil }
    let length = first.leadingZeroBitCount + 1
    guard rest.count >= length else { return nil }
    var value = keepMarker || length == 8 ? UInt64(first) : UInt64(first) & ((1 << UInt64(8 - length)) - 1)
    if !keepMarker, length == 8 { value = 0 }
    for byte in rest.dropFirst().prefix(length - 1) { value = value << 8 | UInt64(byte) }
    rest = rest.dropFirst(length)
    return value
  }
}
