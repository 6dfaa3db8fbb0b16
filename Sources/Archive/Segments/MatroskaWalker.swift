internal import Pipelines

/// Walks the bytes of a Matroska stream (RFC 9559) block by block, in pieces of any size, without keeping them: which track each block belongs
/// to, and up to where a cut file is whole. Trap-free on any bytes.
struct MatroskaWalker {
  struct Block: Equatable {
    /// TrackNumber of the Tracks element.
    var track: UInt64
    /// Cluster's timestamp plus the block's own, in the segment's ticks (1 ms from our muxer).
    var time: Int64
    var isKey: Bool
    /// Bytes of the frame.
    var payload: Int
  }

  struct Track: Equatable {
    var number: UInt64
    var isVideo: Bool
    var codecID: String
  }

  private enum State {
    /// Collecting an element's ID and size.
    case head
    case skip(Int)
    /// Collecting a small element's payload.
    case gather(id: UInt32, missing: Int)
    /// Collecting a block's own header.
    case block(size: Int, simple: Bool)
    case failed
  }

  private var state = State.head
  private var small: [UInt8] = []
  private var pending: Block?
  private var clusterTime: Int64 = 0
  private var groupEnd: Int64?
  private var isWithinSegment = false
  /// Bytes walked.
  private(set) var offset: Int64 = 0
  /// Where the last whole block ended; zero before the first. A file cut here is well formed.
  private(set) var complete: Int64 = 0
  /// Where the first cluster begins; nil before it was seen.
  private(set) var headerEnd: Int64?
  private(set) var tracks: [Track] = []
  private(set) var blockCount = 0

  var hasFailed: Bool { if case .failed = state { true } else { false } }

  /// Goes on with the next bytes; `body` gets each block when its last byte was seen.
  mutating func feed(_ bytes: UnsafeRawBufferPointer, _ body: (Block) -> Void) {
    var at = 0
    while at < bytes.count {
      switch state {
      case .failed: return
      case .skip(let missing):
        let count = min(missing, bytes.count - at)
        advance(count, &at)
        state = .skip(missing - count)
        if missing == count { endElement(body) }
      case .head:
        small.append(bytes[at])
        advance(1, &at)
        readHead(body)
      case .gather(let id, let missing):
        let count = min(missing, bytes.count - at)
        small.append(contentsOf: bytes[at..<at + count])
        advance(count, &at)
        state = .gather(id: id, missing: missing - count)
        if missing == count { endGather(id) }
      case .block(let size, let simple):
        small.append(bytes[at])
        advance(1, &at)
        readBlockHead(size, simple, body)
      }
    }
  }

  private mutating func advance(_ count: Int, _ at: inout Int) {
    at += count
    offset &+= Int64(count)
  }

  private mutating func fail() { state = .failed }

  private mutating func readHead(_ body: (Block) -> Void) {
    switch ElementHead.read(small) {
    case .incomplete: return
    case .malformed: state = .failed
    case .whole(let head):
      if head.id == Matroska.cluster, headerEnd == nil { headerEnd = offset &- Int64(small.count) }
      small.removeAll(keepingCapacity: true)
      enter(head.id, head.size, body)
    }
  }

  private mutating func enter(_ id: UInt32, _ size: UInt64?, _ body: (Block) -> Void) {
    if let end = groupEnd, offset >= end { groupEnd = nil }
    switch id {
    case Matroska.segment:
      isWithinSegment = true
      return
    case Matroska.cluster: return
    case Matroska.blockGroup:
      guard let size, size < 1 << 32 else { return fail() }
      groupEnd = offset &+ Int64(size)
      return
    default: break
    }
    guard let size, size < 1 << 32 else { return fail() }
    let count = Int(size)
    switch id {
    case Matroska.tracks where count <= 65_536, Matroska.timestamp where count <= 8:
      state = .gather(id: id, missing: count)
      if count == 0 { endGather(id) }
    case Matroska.simpleBlock, Matroska.block:
      guard count >= 4 else { return fail() }
      state = .block(size: count, simple: id == Matroska.simpleBlock)
    default:
      guard isWithinSegment || id == Matroska.ebml else { return fail() }
      state = .skip(count)
      if count == 0 { endElement(body) }
    }
  }

  private mutating func readBlockHead(_ size: Int, _ simple: Bool, _ body: (Block) -> Void) {
    guard let first = small.first, first != 0 else { return fail() }
    let numberLength = first.leadingZeroBitCount + 1
    let headLength = numberLength + 3
    guard headLength <= size else { return fail() }
    guard small.count >= headLength else { return }
    guard let track = ElementHead.number(small.prefix(numberLength)) else { return fail() }
    let relative = Int16(truncatingIfNeeded: Int(small[numberLength]) << 8 | Int(small[numberLength + 1]))
    let isKey = simple && small[numberLength + 2] & 0x80 != 0
    small.removeAll(keepingCapacity: true)
    pending = Block(track: track, time: clusterTime &+ Int64(relative), isKey: isKey, payload: size - headLength)
    state = .skip(size - headLength)
    if size == headLength { endElement(body) }
  }

  private mutating func endElement(_ body: (Block) -> Void) {
    state = .head
    if let block = pending {
      pending = nil
      blockCount += 1
      body(block)
      if groupEnd == nil { complete = offset }
    }
    if let end = groupEnd, offset >= end {
      groupEnd = nil
      complete = offset
    }
  }

  private mutating func endGather(_ id: UInt32) {
    state = .head
    if id == Matroska.timestamp {
      clusterTime = small.reduce(Int64(0)) { $0 << 8 | Int64($1) }
    } else {
      tracks = MatroskaTracks.parse(small)
    }
    small.removeAll(keepingCapacity: true)
  }
}
