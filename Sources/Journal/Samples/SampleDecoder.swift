internal import Model

/// Decodes the records of one block.
struct SampleDecoder {
  private(set) var isComplete = false
  private(set) var hasStart = false
  var block = SampleBlock(
    index: 0, offset: 0, bytes: 0, sha256: "", from: BootTime(nanoseconds: 0), to: BootTime(nanoseconds: 0), wall: WallTime(nanoseconds: 0),
    records: [], dropped: 0, isComplete: false, tornBytes: 0, unknown: 0)
  private var frames: [UInt8: FrameSample] = [:]
  private var counters: [UInt8: [Int64]] = [:]
  private var secondAt = BootTime(nanoseconds: 0)
  private var receiveBufferErrors: Int64 = 0
  /// Records so far; after the block's end, how many more it claims.
  private var counted = SampleCounts()

  /// Applies one record; bytes after the members that this version knows are left unread.
  mutating func apply(kind: UInt8, _ payload: ByteCursor) throws(LineError) {
    var cursor = payload
    guard let kind = SampleFormat.Kind(rawValue: kind) else {
      guard kind != 0, hasStart else { throw LineError(offset: 0, message: "no record of kind \(kind) can be here") }
      block.unknown += 1
      return
    }
    guard hasStart == (kind != .blockStart) else {
      throw LineError(offset: 0, message: hasStart ? "a block in a block" : "no block begins")
    }
    let known: Void? =
      switch kind {
      case .blockStart: start(&cursor)
      case .frame: frame(&cursor)
      case .second: second(&cursor)
      case .event: event(&cursor)
      case .overflow: overflow(&cursor)
      case .blockEnd: end(&cursor)
      }
    guard known != nil else { throw LineError(offset: 0, message: "a record of kind \(kind) is too short or has a value beyond 64 bits") }
    if kind == .blockEnd, !counted.isZero {
      throw LineError(offset: 0, message: "the block's end counts other records than there are")
    }
  }

  private mutating func start(_ cursor: inout ByteCursor) -> Void? {
    guard let index = cursor.unsigned(), let from = cursor.signed(), let wall = cursor.signed() else { return nil }
    block.index = Int64(bitPattern: index)
    block.from = BootTime(nanoseconds: from)
    block.to = block.from
    block.wall = WallTime(nanoseconds: wall)
    secondAt = block.from
    hasStart = true
    return ()
  }

  private mutating func frame(_ cursor: inout ByteCursor) -> Void? {
    guard let track = cursor.unsigned().flatMap({ UInt8(exactly: $0) }), let number = cursor.signed(), let timestamp = cursor.signed(),
      let first = cursor.signed(), let last = cursor.signed(), let size = cursor.unsigned(),
      let flags = cursor.unsigned().flatMap({ UInt8(exactly: $0) }), let packets = cursor.unsigned()
    else { return nil }
    let base = frames[track]
    let firstArrival = (base?.firstArrival ?? block.from) + Nanoseconds(first)
    let sample = FrameSample(
      track: track, number: (base?.number ?? 0) &+ UInt64(bitPattern: number), timestamp: (base?.timestamp ?? 0) &+ timestamp,
      firstArrival: firstArrival, lastArrival: firstArrival + Nanoseconds(last), size: Int64(bitPattern: size),
      packets: Int64(bitPattern: packets), flags: AccessUnit.Flags(rawValue: flags))
    frames[track] = sample
    counted.frames &+= 1
    keep(.frame(sample))
    return ()
  }

  private mutating func second(_ cursor: inout ByteCursor) -> Void? {
    guard let delta = cursor.signed(), let present = cursor.unsigned(), let optionals = optionals(&cursor, present),
      let errors = cursor.signed(), let tracks = tracks(&cursor)
    else { return nil }
    receiveBufferErrors &+= errors
    var observer = ObserverSample(
      probeLagP99Ns: optionals.probeLag, receiveBufferErrors: receiveBufferErrors, cpuPressurePPM: optionals.cpuPressure)
    // Files of the first version end here.
    if !cursor.isAtEnd {
      guard let readings = cursor.unsigned(), let late = cursor.unsigned() else { return nil }
      observer.readings = Int64(bitPattern: readings)
      observer.lateReadings = Int64(bitPattern: late)
    }
    secondAt = secondAt + Nanoseconds(delta)
    counted.seconds &+= 1
    keep(.second(SecondSample(at: secondAt, tracks: tracks, roundTripNs: optionals.roundTrip, observer: observer)))
    return ()
  }

  /// The members of a second that its `present` bits name; nil when one of them is cut off.
  private func optionals(
    _ cursor: inout ByteCursor, _ present: UInt64
  ) -> (roundTrip: Int64?, probeLag: Int64?, cpuPressure: Int64?)? {
    var values: [Int64?] = []
    for bit in [SampleFormat.hasRoundTrip, SampleFormat.hasProbeLag, SampleFormat.hasCPUPressure] {
      guard present & bit != 0 else {
        values.append(nil)
        continue
      }
      guard let value = cursor.signed() else { return nil }
      values.append(value)
    }
    return (values[0], values[1], values[2])
  }

  /// The counters of every track, of which a later version may have more than this one knows.
  private mutating func tracks(_ cursor: inout ByteCursor) -> [TrackCounters]? {
    guard let width = cursor.unsigned(), width <= 256, let count = cursor.unsigned(), count <= 256 else { return nil }
    var tracks: [TrackCounters] = []
    for _ in 0..<count {
      guard let track = cursor.unsigned().flatMap({ UInt8(exactly: $0) }) else { return nil }
      var values = counters[track] ?? []
      for position in 0..<Int(width) {
        guard let delta = cursor.signed() else { return nil }
        if position < values.count { values[position] &+= delta } else { values.append(delta) }
      }
      counters[track] = values
      tracks.append(SampleFormat.counters(track: track, values))
    }
    return tracks
  }

  private mutating func event(_ cursor: inout ByteCursor) -> Void? {
    guard let delta = cursor.signed(), let number = cursor.unsigned().flatMap({ UInt8(exactly: $0) }),
      let track = cursor.unsigned().flatMap({ UInt8(exactly: $0) }), let value1 = cursor.signed(), let value2 = cursor.signed(),
      let value3 = cursor.signed()
    else { return nil }
    counted.events &+= 1
    guard let kind = SampleEvent.Kind(rawValue: number) else {
      block.unknown += 1
      return ()
    }
    keep(
      .event(
        SampleEvent(
          at: block.from + Nanoseconds(delta), kind: kind, track: track, value1: value1, value2: value2, value3: value3)))
    return ()
  }

  private mutating func overflow(_ cursor: inout ByteCursor) -> Void? {
    guard cursor.signed() != nil, let frames = cursor.unsigned(), let seconds = cursor.unsigned(), let events = cursor.unsigned() else {
      return nil
    }
    block.dropped &+= Int64(bitPattern: frames &+ seconds &+ events)
    return ()
  }

  private mutating func end(_ cursor: inout ByteCursor) -> Void? {
    guard let delta = cursor.signed(), let frames = cursor.unsigned(), let seconds = cursor.unsigned(), let events = cursor.unsigned(),
      cursor.unsigned() != nil
    else { return nil }
    block.to = block.from + Nanoseconds(delta)
    counted = SampleCounts(
      frames: frames &- counted.frames, seconds: seconds &- counted.seconds, events: events &- counted.events)
    isComplete = true
    return ()
  }

  private mutating func keep(_ record: SampleRecord) {
    block.records.append(record)
    if case .second(let second) = record { block.to = second.at }
  }
}
