internal import Model

/// Turns records into a sample file's bytes, block by block. Pure, and without an allocation per record once its buffer has grown.
struct SampleEncoder {
  /// A block that ended, and where in ``bytes``.
  struct Mark: Hashable {
    var end: Int
    var index: UInt64
    var from: BootTime
    var to: BootTime
    var frames: UInt64
  }

  private struct Block {
    var start: BootTime
    /// The block ends with the first second sample at or after this.
    var due: BootTime
    var secondAt: BootTime
    var receiveBufferErrors: Int64 = 0
    var frames: UInt64 = 0
    var seconds: UInt64 = 0
    var events: UInt64 = 0
    var dropped: UInt64 = 0
  }

  private struct FrameBase {
    var number: UInt64 = 0
    var timestamp: Int64 = 0
    var arrival: BootTime
  }

  /// Not yet taken by the file's writer.
  private(set) var bytes: [UInt8] = []
  private(set) var marks: [Mark] = []
  private let started: BootTime
  private let limit: Int
  /// Of the newest second sample. Blocks begin and end by these alone: they are read from the boot clock, while a packet's arrival may be
  /// an hour
  /// off when the wall clock steps.
  private var newestSecond: BootTime
  private var index: UInt64 = 0
  private var block: Block?
  private var frameBases: [FrameBase?] = []
  private var counterBases: [TrackCounters?] = []
  private var droppedFrames: UInt64 = 0
  private var droppedSeconds: UInt64 = 0
  private var droppedEvents: UInt64 = 0

  /// - Parameter limit: bytes that may wait; records beyond it are counted, not kept.
  init(header: SampleHeader, limit: Int) {
    started = header.started
    newestSecond = header.started
    self.limit = limit
    bytes = SampleHeaderLine.bytes(header)
    bytes.reserveCapacity(4096)
  }

  /// Takes one record.
  /// - Parameter wall: the wall clock's label of an instant; asked for once a block.
  mutating func append(_ record: SampleRecord, wall: (BootTime) -> WallTime) {
    guard bytes.count < limit else { return drop(record) }
    if block == nil { begin(wall: wall(newestSecond)) }
    if hasDropped { overflow() }
    switch record {
    case .frame(let frame): append(frame)
    case .event(let event): append(event)
    case .second(let second):
      append(second)
      newestSecond = second.at
      if let open = block, second.at >= open.due { end() }
    }
  }

  /// Ends a block whose time is over although no second comes any more.
  mutating func endIdle(now: BootTime) {
    if let open = block, now - open.due >= .seconds(5) { end() }
  }

  /// Ends the last block.
  mutating func finish(wall: (BootTime) -> WallTime) {
    if hasDropped {
      if block == nil { begin(wall: wall(newestSecond)) }
      overflow()
    }
    end()
  }

  /// Gives the waiting bytes and goes on in `spare`, whose capacity it keeps.
  mutating func take(into spare: inout [UInt8]) -> [Mark] {
    spare.removeAll(keepingCapacity: true)
    swap(&spare, &bytes)
    guard !marks.isEmpty else { return [] }
    defer { marks.removeAll(keepingCapacity: true) }
    return Array(marks)
  }

  // MARK: records

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

  private mutating func begin(wall: WallTime) {
    let start = newestSecond
    let passed = max(0, (start - started).value) / SampleFormat.blockLength.value
    let due = started + Nanoseconds((passed &+ 1) &* SampleFormat.blockLength.value)
    block = Block(start: start, due: due, secondAt: start)
    for position in frameBases.indices { frameBases[position] = nil }
    for position in counterBases.indices { counterBases[position] = nil }
    let payload = beginRecord(.blockStart)
    VariableInteger.append(index, to: &bytes)
    VariableInteger.append(signed: start.nanoseconds, to: &bytes)
    VariableInteger.append(signed: wall.nanoseconds, to: &bytes)
    endRecord(payload)
  }

  private mutating func end() {
    guard let open = block else { return }
    let payload = beginRecord(.blockEnd)
    VariableInteger.append(signed: (newestSecond - open.start).value, to: &bytes)
    VariableInteger.append(open.frames, to: &bytes)
    VariableInteger.append(open.seconds, to: &bytes)
    VariableInteger.append(open.events, to: &bytes)
    VariableInteger.append(open.dropped, to: &bytes)
    endRecord(payload)
    marks.append(Mark(end: bytes.count, index: index, from: open.start, to: newestSecond, frames: open.frames))
    index &+= 1
    block = nil
  }

  private mutating func append(_ frame: FrameSample) {
    let position = Int(frame.track)
    while frameBases.count <= position { frameBases.append(nil) }
    let base = frameBases[position] ?? FrameBase(arrival: block?.start ?? started)
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
    block?.frames &+= 1
  }

  private mutating func append(_ second: SecondSample) {
    guard let open = block else { return }
    for track in second.tracks { while counterBases.count <= Int(track.track) { counterBases.append(nil) } }
    let payload = beginRecord(.second)
    VariableInteger.append(signed: (second.at - open.secondAt).value, to: &bytes)
    var present: UInt64 = 0
    if second.roundTripNs != nil { present |= SampleFormat.hasRoundTrip }
    if second.observer.probeLagP99Ns != nil { present |= SampleFormat.hasProbeLag }
    if second.observer.cpuPressurePPM != nil { present |= SampleFormat.hasCPUPressure }
    VariableInteger.append(present, to: &bytes)
    if let value = second.roundTripNs { VariableInteger.append(signed: value, to: &bytes) }
    if let value = second.observer.probeLagP99Ns { VariableInteger.append(signed: value, to: &bytes) }
    if let value = second.observer.cpuPressurePPM { VariableInteger.append(signed: value, to: &bytes) }
    VariableInteger.append(signed: second.observer.receiveBufferErrors &- open.receiveBufferErrors, to: &bytes)
    VariableInteger.append(UInt64(SampleFormat.counterCount), to: &bytes)
    VariableInteger.append(UInt64(second.tracks.count), to: &bytes)
    for track in second.tracks {
      SampleEncoder.append(track, base: counterBases[Int(track.track)], to: &bytes)
      counterBases[Int(track.track)] = track
    }
    VariableInteger.append(UInt64(bitPattern: second.observer.readings), to: &bytes)
    VariableInteger.append(UInt64(bitPattern: second.observer.lateReadings), to: &bytes)
    endRecord(payload)
    block?.secondAt = second.at
    block?.receiveBufferErrors = second.observer.receiveBufferErrors
    block?.seconds &+= 1
  }

  private static func append(_ track: TrackCounters, base: TrackCounters?, to bytes: inout [UInt8]) {
    VariableInteger.append(UInt64(track.track), to: &bytes)
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

  private mutating func append(_ event: SampleEvent) {
    guard let open = block else { return }
    let payload = beginRecord(.event)
    VariableInteger.append(signed: (event.at - open.start).value, to: &bytes)
    VariableInteger.append(UInt64(event.kind.rawValue), to: &bytes)
    VariableInteger.append(UInt64(event.track), to: &bytes)
    VariableInteger.append(signed: event.value1, to: &bytes)
    VariableInteger.append(signed: event.value2, to: &bytes)
    VariableInteger.append(signed: event.value3, to: &bytes)
    endRecord(payload)
    block?.events &+= 1
  }

  // MARK: overflow

  private mutating func drop(_ record: SampleRecord) {
    switch record {
    case .frame: droppedFrames &+= 1
    case .second: droppedSeconds &+= 1
    case .event: droppedEvents &+= 1
    }
  }

  private var hasDropped: Bool { droppedFrames | droppedSeconds | droppedEvents != 0 }

  private mutating func overflow() {
    guard let open = block else { return }
    let payload = beginRecord(.overflow)
    VariableInteger.append(signed: (newestSecond - open.start).value, to: &bytes)
    VariableInteger.append(droppedFrames, to: &bytes)
    VariableInteger.append(droppedSeconds, to: &bytes)
    VariableInteger.append(droppedEvents, to: &bytes)
    endRecord(payload)
    block?.dropped &+= droppedFrames &+ droppedSeconds &+ droppedEvents
    (droppedFrames, droppedSeconds, droppedEvents) = (0, 0, 0)
  }
}
