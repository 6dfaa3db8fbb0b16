internal import Model
internal import NIOCore
internal import Wire

/// The access units since the newest key unit, for who joins in another form than packets.
///
/// A stream that comes as RTP inside a connection has their bytes in its GOP cache already: here they are kept without, and put together again
/// when somebody asks. Kept twice, they were a tenth of forwarding and half of a stream's memory (measured).
struct UnitCache {
  private(set) var startsWithKey = false
  private var units: [AccessUnit] = []
  /// Bytes of each unit.
  private var sizes: [Int] = []
  private var size = 0
  private var keepsBytes = true
  let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Begins anew; units are kept with their bytes or without.
  mutating func restart(keepsBytes: Bool) {
    clear()
    self.keepsBytes = keepsBytes
  }

  /// - Parameter keyTrack: the track whose key units restart the cache; nil when every unit is a start (audio only).
  mutating func append(_ unit: AccessUnit, keyTrack: UInt8?) {
    if unit.track == keyTrack, unit.isKey {
      units.removeAll(keepingCapacity: true)
      sizes.removeAll(keepingCapacity: true)
      size = 0
      startsWithKey = true
    }
    guard keyTrack != nil else { return }
    size += unit.payload.readableBytes
    guard size <= limit else { return clear() }
    units.append(unit)
    sizes.append(unit.payload.readableBytes)
    if !keepsBytes { units[units.count - 1].payload = ByteBuffer() }
  }

  mutating func clear() {
    units.removeAll()
    sizes.removeAll()
    size = 0
    startsWithKey = false
  }

  /// The units with their bytes; nil when they do not begin with a key unit, or cannot be put together: whoever asks waits for the next one.
  /// - Parameter packets: framed, from the newest key unit on.
  func units(from packets: ByteBuffer, _ description: StreamDescription?) -> [AccessUnit]? {
    guard startsWithKey else { return nil }
    guard !keepsBytes, let description else { return units }
    var rebuilt = UnitCache.rebuild(from: packets, description)
    // Of each track the newest unit is the newest there too. What lies before belongs to the GOP before, or came while the key unit did.
    for (track, found) in rebuilt.enumerated() {
      let count = units.count { Int($0.track) == track }
      guard found.count >= count else { return nil }
      rebuilt[track] = Array(found.suffix(count))
    }
    var taken = [Int](repeating: 0, count: rebuilt.count)
    var whole = units
    for index in whole.indices {
      let track = Int(whole[index].track)
      guard track < rebuilt.count, taken[track] < rebuilt[track].count else { return nil }
      let found = rebuilt[track][taken[track]]
      // Parameter sets that came with a timestamp of their own lie before the key unit's packets; a reader has them from the description.
      let lacksParameters = index == 0 && found.isKey && !found.flags.contains(.damaged) && found.payload.readableBytes < sizes[index]
      guard found.payload.readableBytes == sizes[index] || lacksParameters else { return nil }
      whole[index].payload = found.payload
      taken[track] += 1
    }
    return whole
  }

  /// Per track, the units that its packets hold.
  private static func rebuild(from packets: ByteBuffer, _ description: StreamDescription) -> [[AccessUnit]] {
    zip(description.tracks, description.rtpPayloads).enumerated().map { index, pair in
      var format = pair.1.format
      // Only the track's own packets were forwarded, and a publisher that returned may have had another number for them.
      format.payloadType = nil
      var assembler = RTPUnitAssembler(track: pair.0, format: format, origin: description.origin, epoch: description.epoch, reorder: false)
      var units: [AccessUnit] = []
      var numbering: UInt64 = 0
      packets.withUnsafeReadableBytes { bytes in
        var at = 0
        while case .frame(let channel, let length) = InterleavedFraming.find(at: at, in: bytes) {
          let packet = UnsafeRawBufferPointer(
            rebasing: bytes[at &+ InterleavedFraming.headerLength..<at &+ InterleavedFraming.headerLength &+ length])
          if Int(channel) == 2 * index, let header = RTPHeader(packet) {
            _ = assembler.receive(header, packet: packet, arrival: BootTime(nanoseconds: 0), numbering: &numbering, into: &units)
          }
          at &+= InterleavedFraming.headerLength &+ length
        }
      }
      return units
    }
  }
}
