internal import Model

/// Writes records as bytes, each as its difference to the one before of its kind and track in the same block (docs/samples.md). Pure, and without an
/// allocation a record once its buffer has grown.
struct SampleRecordEncoder {
  private struct FrameBase {
    var number: UInt64 = 0
    var timestamp: Int64 = 0
    var arrival: BootTime
  }

  private(set) var bytes: [UInt8]
  private var blockStart = BootTime(nanoseconds: 0)
  private var secondAt = BootTime(nanoseconds: 0)
  private var receiveBufferErrors: Int64 = 0
  private var frameBases: [FrameBase?] = []
  private var counterBases: [TrackCounters?] = []

  /// - Parameter header: the file's first line.
  init(header: [UInt8]) {
    bytes = header
    bytes.reserveCapacity(4096)
  }

  /// Gives the bytes and goes on in `spare`, whose capacity it keeps.
  mutating func drain(into spare: inout [UInt8]) {
    spare.removeAll(keepingCapacity: true)
    swap(&spare, &bytes)
  }

  // MARK: Blocks

  mutating func blockStart(index: UInt64, start: BootTime, wall: WallTime) {
    (blockStart, secondAt, receiveBufferErrors) = (start, start, 0)
    for position in frameBases.indices { frameBases[position] = nil }
    for position in counterBases.indices { counterBases[position] = nil }
    let payload = beginRecord(.blockStart)
    VariableInteger.append(index, to: &bytes)
    VariableInteger.append(signed: start.nanoseconds, to: &bytes)
    VariableInteger.append(signed: wall.nanoseconds, to: &bytes)
    endRecord(payload)
  }

  mutating func overflow(at time: BootTime, _ dropped: SampleCounts) {
    let payload = beginRecord(.overflow)
    VariableInteger.append(signed: (time - blockStart).value, to: &bytes)
    append(dropped)
    endRecord(payload)
  }

  mutating func blockEnd(at time: BootTime, _ counted: SampleCounts, dropped: UInt64) {
    let payload = beginRecord(.blockEnd)
    VariableInteger.append(signed: (time - blockStart).value, to: &bytes)
    append(counted)
    VariableInteger.append(dropped, to: &bytes)
    endRecord(payload)
  }

  private mutating func append(_ counts: SampleCounts) {
    VariableInteger.append(counts.frames, to: &bytes)
    VariableInteger.append(counts.seconds, to: &bytes)
    VariableInteger.append(counts.events, to: &bytes)
  }

  // MARK: Records

  mutating func append(_ frame: FrameSample) {
    let position = Int(frame.track)
    while frameBases.count <= position { frameBases.append(nil) }
    let base = frameBases[position] ?? FrameBase(arrival: blockStart)
    let payload = beginRecord(.frame)
    VariableInteger.append(UInt64(frame.track), to: &bytes)
    VariableInteger.append(signed: Int64(bitPattern: frame.number &- base.number), to: &bytes)
    VariableInteger.append(signed: frame.timestamp &- base.timestamp, to: &bytes)
    VariableInteger.append(signed: (frame.firstArrival - base.arrival).value, to: &bytes)
    VariableInteger.append(signed: (frame.lastArrival - frame.firstArrival).value, to: &bytes)
    VariableInteger.append(UInt64(bitPattern: frame.size), to: &bytes)
    VariableInteger.append(UInt64(frame.flags.rawValue), to: &bytes)
    VariableInteger.append(UInt64(bitPattern: frame.packets), to: &bytes)
    endRecord(payload)
    frameBases[position] = FrameBase(number: frame.number, timestamp: frame.timestamp, arrival: frame.firstArrival)
  }

  mutating func append(_ second: SecondSample) {
    for track in second.tracks { while counterBases.count <= Int(track.track) { counterBases.append(nil) } }
    let payload = beginRecord(.second)
    VariableInteger.append(signed: (second.at - secondAt).value, to: &bytes)
    appendOptionals(second)
    VariableInteger.append(signed: second.observer.receiveBufferErrors &- receiveBufferErrors, to: &bytes)
    VariableInteger.append(UInt64(SampleFormat.counterCount), to: &bytes)
    VariableInteger.append(UInt64(second.tracks.count), to: &bytes)
    for track in second.tracks {
      VariableInteger.append(UInt64(track.track), to: &bytes)
      append(track, after: counterBases[Int(track.track)])
      counterBases[Int(track.track)] = track
    }
    VariableInteger.append(UInt64(bitPattern: second.observer.readings), to: &bytes)
    VariableInteger.append(UInt64(bitPattern: second.observer.lateReadings), to: &bytes)
    endRecord(payload)
    (secondAt, receiveBufferErrors) = (second.at, second.observer.receiveBufferErrors)
  }

  private mutating func appendOptionals(_ second: SecondSample) {
    var present: UInt64 = 0
    if second.roundTripNs != nil { present |= SampleFormat.hasRoundTrip }
    if second.observer.probeLagP99Ns != nil { present |= SampleFormat.hasProbeLag }
    if second.observer.cpuPressurePPM != nil { present |= SampleFormat.hasCPUPressure }
    VariableInteger.append(present, to: &bytes)
    if let value = second.roundTripNs { VariableInteger.append(signed: value, to: &bytes) }
    if let value = second.observer.probeLagP99Ns { VariableInteger.append(signed: value, to: &bytes) }
    if let value = second.observer.cpuPressurePPM { VariableInteger.append(signed: value, to: &bytes) }
  }

  private mutating func append(_ track: TrackCounters, after base: TrackCounters?) {
    // Both walks give the counters in the file's order.
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: SampleFormat.counterCount) { before in
      var position = 0
      SampleFormat.counters(base ?? TrackCounters(track: track.track)) { value in
        before.initializeElement(at: position, to: value)
        position += 1
      }
      position = 0
      SampleFormat.counters(track) { value in
        VariableInteger.append(signed: value &- before[position], to: &bytes)
        position += 1
      }
    }
  }

  mutating func append(_ event: SampleEvent) {
    let payload = beginRecord(.event)
    VariableInteger.append(signed: (event.at - blockStart).value, to: &bytes)
    VariableInteger.append(UInt64(event.kind.rawValue), to: &bytes)
    VariableInteger.append(UInt64(event.track), to: &bytes)
    VariableInteger.append(signed: event.value1, to: &bytes)
    VariableInteger.append(signed: event.value2, to: &bytes)
    VariableInteger.append(signed: event.value3, to: &bytes)
    endRecord(payload)
  }

  // MARK: Kind and length

  /// Kind and a place for the length, which is known afterwards and nearly always fits in one byte.
  @inline(__always)
  private mutating func beginRecord(_ kind: SampleFormat.Kind) -> Int {
    bytes.append(kind.rawValue)
    bytes.append(0)
    return bytes.count
  }

  @inline(__always)
  private mutating func endRecord(_ payloadAt: Int) {
    let length = bytes.count - payloadAt
    if length < 0x80 {
      bytes[payloadAt - 1] = UInt8(truncatingIfNeeded: length)
    } else {
      var encoded: [UInt8] = []
      VariableInteger.append(UInt64(length), to: &encoded)
      bytes.replaceSubrange(payloadAt - 1..<payloadAt, with: encoded)
    }
  }
}
