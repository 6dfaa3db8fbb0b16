internal import Model

/// Turns a session's records into its file's bytes: decides where blocks begin and end, and counts what the disk leaves no room for. Pure.
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
    var counted = SampleCounts()
    var dropped: UInt64 = 0
  }

  private var records: SampleRecordEncoder
  private(set) var marks: [Mark] = []
  private let started: BootTime
  private let limit: Int
  /// Of the newest second sample. Blocks begin and end by these alone: they are read from the boot clock, while a packet's arrival may be an hour off when the
  /// wall clock steps.
  private var newestSecond: BootTime
  private var index: UInt64 = 0
  private var block: Block?
  /// Not yet written about in the file.
  private var dropped = SampleCounts()

  /// - Parameter limit: bytes that may wait; records beyond it are counted, not kept.
  init(header: SampleHeader, limit: Int) {
    started = header.started
    newestSecond = header.started
    self.limit = limit
    records = SampleRecordEncoder(header: SampleHeaderLine.bytes(header))
  }

  /// Not yet fetched by the file's writer.
  var bytes: [UInt8] { records.bytes }

  /// Adds one record.
  /// - Parameter wall: the wall clock's label of an instant; asked for once a block.
  mutating func append(_ record: SampleRecord, wall: (BootTime) -> WallTime) {
    guard records.bytes.count < limit else { return dropped.count(record) }
    if block == nil { begin(wall: wall(newestSecond)) }
    if !dropped.isZero { overflow() }
    block?.counted.count(record)
    switch record {
    case .frame(let frame): records.append(frame)
    case .event(let event): records.append(event)
    case .second(let second):
      records.append(second)
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
    if !dropped.isZero {
      if block == nil { begin(wall: wall(newestSecond)) }
      overflow()
    }
    end()
  }

  /// Gives the waiting bytes and goes on in `spare`, whose capacity it keeps.
  mutating func drain(into spare: inout [UInt8]) -> [Mark] {
    records.drain(into: &spare)
    guard !marks.isEmpty else { return [] }
    defer { marks.removeAll(keepingCapacity: true) }
    return Array(marks)
  }

  // MARK: Blocks

  private mutating func begin(wall: WallTime) {
    let start = newestSecond
    let passed = max(0, (start - started).value) / SampleFormat.blockLength.value
    let due = started + Nanoseconds((passed &+ 1) &* SampleFormat.blockLength.value)
    block = Block(start: start, due: due)
    records.blockStart(index: index, start: start, wall: wall)
  }

  private mutating func end() {
    guard let open = block else { return }
    records.blockEnd(at: newestSecond, open.counted, dropped: open.dropped)
    marks.append(Mark(end: records.bytes.count, index: index, from: open.start, to: newestSecond, frames: open.counted.frames))
    index &+= 1
    block = nil
  }

  private mutating func overflow() {
    guard block != nil else { return }
    records.overflow(at: newestSecond, dropped)
    block?.dropped &+= dropped.sum
    dropped = SampleCounts()
  }
}
