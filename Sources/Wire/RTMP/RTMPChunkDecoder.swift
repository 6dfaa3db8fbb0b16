public import Model
public import NIOCore

/// Takes RTMP chunks apart (RTMP 1.0 §5.3) and gives whole messages: the publisher's hot path.
///
/// Feed it what each read brought and call ``next(_:)`` until nil. Each message's payload is copied once, chunk by chunk, into one buffer of its
/// own; there is no allocation per chunk. Set Chunk Size and Abort take effect here and are handed on as well. Trap-free on any bytes.
public struct RTMPChunkDecoder: Sendable {
  /// One chunk stream's memory.
  private struct ChunkStream: Sendable {
    var id: Int
    var kind = RTMPMessage.Kind(rawValue: 0)
    var stream: UInt32 = 0
    var length = 0
    var timestamp: UInt32 = 0
    /// What a following type 3 message adds.
    var delta: UInt32 = 0
    /// The extended timestamp that type 3 chunks repeat, where the last header had one.
    var extended: UInt32?
    /// Whether any header but type 3 has come.
    var known = false
    var payload = ByteBuffer()
    var assembling = false

    /// A full header was read: type 0 gives an absolute time, types 1 and 2 a difference.
    mutating func apply(format: UInt8, time: UInt32, extended: UInt32?) {
      timestamp = format == 0 ? time : timestamp &+ time
      // §5.3.1.2.4 has a type 3 after a type 0 repeat the type 0's timestamp as delta; librtmp means "the same time" by it. A real frame
      // duration is small, an absolute time soon is not.
      delta = format == 0 && time > 1000 ? 0 : time
      self.extended = extended
      known = true
    }

    /// Makes room for a message's payload.
    mutating func begin() {
      assembling = true
      payload = ByteBufferAllocator().buffer(capacity: min(length, RTMPChunkDecoder.trustedReserve))
    }

    mutating func finish() -> RTMPMessage {
      let message = RTMPMessage(kind: kind, chunkStream: id, stream: stream, timestamp: timestamp, payload: payload)
      drop()
      return message
    }

    mutating func drop() {
      payload = ByteBuffer()
      assembling = false
    }
  }

  /// Most chunk streams a connection may use: encoders use four.
  public static let maximumChunkStreams = 64
  /// Largest message, bytes.
  public static let maximumMessage = 16 << 20
  /// Bytes of unfinished messages over all chunk streams.
  public static let maximumUnfinished = 24 << 20
  /// The same of somebody who has not been granted anything: commands are small.
  public static let maximumOfStranger = 512 << 10
  /// Largest command or metadata message, bytes.
  private static let maximumCommand = 256 << 10
  /// A message says its length before it comes: no more than this is set aside on its word alone.
  private static let trustedReserve = 256 << 10

  /// Bytes of unfinished messages beyond which the connection is lost.
  public var unfinishedLimit = RTMPChunkDecoder.maximumUnfinished
  private var streams: [ChunkStream] = []
  /// Position in `streams` by chunk stream id below 64; -1 is none.
  private var slots = [Int](repeating: -1, count: 64)
  /// Incoming chunk size in bytes.
  public private(set) var chunkSize = 128
  /// A chunk's payload that is still to come: position in `streams` and bytes left of the chunk.
  private var open: (position: Int, remaining: Int)?
  private var unfinished = 0
  /// The beginning of a header that the last read cut.
  private var carry = ByteBuffer()

  public init() {}

  /// The next whole message out of `input`, or nil once `input` is used up. Throws ``Fault`` `rtmpMalformed`; the connection is then lost.
  public mutating func next(_ input: inout ByteBuffer) throws(Fault) -> RTMPMessage? {
    if carry.readableBytes > 0, input.readableBytes > 0 {
      carry.writeImmutableBuffer(input)
      input = carry
      carry = ByteBuffer()
    }
    while true {
      if let (position, remaining) = open {
        let left = gather(&input, position, remaining)
        guard left == 0 else {
          guard unfinished <= unfinishedLimit else { throw malformed("too much unfinished") }
          open = (position, left)
          return nil
        }
        open = nil
        if let message = try finishChunk(position) { return message }
      }
      guard input.readableBytes > 0 else { return nil }
      guard let position = try header(&input) else {
        carry = ByteBuffer()
        carry.writeBuffer(&input)
        return nil
      }
      open = (position, min(chunkSize, streams[position].length &- streams[position].payload.readableBytes))
    }
  }

  /// Copies the open chunk, and behind it every further chunk of the same message whose header is one byte: what encoders that never raise the
  /// chunk size of 128 send by the dozen a picture.
  /// - Returns: bytes of the last chunk begun that have not come.
  private mutating func gather(_ input: inout ByteBuffer, _ position: Int, _ remaining: Int) -> Int {
    let id = streams[position].id
    // The one-byte header of a type 3 chunk; with an extended timestamp, or a wide id, more follows.
    let next: UInt8? = id < 64 && streams[position].extended == nil ? UInt8(truncatingIfNeeded: 0xC0 | id) : nil
    var missing = streams[position].length &- streams[position].payload.readableBytes
    let room = max(0, min(missing, input.readableBytes))
    let chunkSize = chunkSize
    var chunk = remaining
    var used = 0
    var copied = 0
    input.withUnsafeReadableBytes { source in
      // Both pointers live for these closures only; every count is held against both.
      copied = streams[position].payload.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
        var written = 0
        while true {
          let count = min(chunk, missing, source.count &- used, target.count &- written)
          guard count >= 0 else { return written }
          UnsafeMutableRawBufferPointer(rebasing: target[written..<written &+ count])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[used..<used &+ count]))
          used &+= count
          written &+= count
          chunk &-= count
          missing &-= count
          guard chunk == 0, missing > 0, used < source.count, source[used] == next else { return written }
          used &+= 1
          chunk = min(chunkSize, missing)
        }
      }
    }
    unfinished &+= copied
    input.moveReaderIndex(forwardBy: used)
    return chunk
  }

  private mutating func finishChunk(_ position: Int) throws(Fault) -> RTMPMessage? {
    guard streams[position].payload.readableBytes >= streams[position].length else {
      guard unfinished <= unfinishedLimit else { throw malformed("too much unfinished") }
      return nil
    }
    let message = streams[position].finish()
    unfinished &-= message.payload.readableBytes
    if message.kind == .setChunkSize { try setChunkSize(message.payload) }
    if message.kind == .abort { abort(message.payload) }
    return message
  }

  private mutating func setChunkSize(_ payload: ByteBuffer) throws(Fault) {
    guard let size = payload.getInteger(at: payload.readerIndex, as: UInt32.self), size > 0, size <= 0x7FFF_FFFF else {
      throw malformed("chunk size")
    }
    chunkSize = min(Int(size), RTMPChunkDecoder.maximumMessage)
  }

  private mutating func abort(_ payload: ByteBuffer) {
    guard let id = payload.getInteger(at: payload.readerIndex, as: UInt32.self),
      let position = streams.firstIndex(where: { $0.id == Int(id) })
    else { return }
    unfinished &-= streams[position].payload.readableBytes
    streams[position].drop()
  }

  /// Reads one chunk header; nil, with nothing consumed, when it is cut.
  private mutating func header(_ input: inout ByteBuffer) throws(Fault) -> Int? {
    var at = input.readerIndex
    guard let first = input.getInteger(at: at, as: UInt8.self) else { return nil }
    at &+= 1
    var id = Int(first & 0x3F)
    if id == 0 {
      guard let low = input.getInteger(at: at, as: UInt8.self) else { return nil }
      id = 64 &+ Int(low)
      at &+= 1
    } else if id == 1 {
      guard let wide = input.getInteger(at: at, endianness: .little, as: UInt16.self) else { return nil }
      id = 64 &+ Int(wide)
      at &+= 2
    }
    let format = first >> 6
    guard let known = self.position(of: id) else {
      // A stream's first header must say everything; a type 1 is forgiven (stream id 0), as encoders that reconnect send it.
      guard format < 2 else { throw malformed("chunk type \(format) on a new chunk stream") }
      guard streams.count < RTMPChunkDecoder.maximumChunkStreams else { throw malformed("too many chunk streams") }
      guard input.getInteger(at: at &+ 6, as: UInt8.self) != nil else { return nil }
      streams.append(ChunkStream(id: id))
      if id < 64 { slots[id] = streams.count - 1 }
      return try fields(&input, at: at, format: format, position: streams.count - 1)
    }
    return try fields(&input, at: at, format: format, position: known)
  }

  private func position(of id: Int) -> Int? {
    if id < 64 {
      let position = slots[id]
      return position < 0 ? nil : position
    }
    return streams.firstIndex { $0.id == id }
  }

  private mutating func fields(_ input: inout ByteBuffer, at start: Int, format: UInt8, position: Int) throws(Fault) -> Int? {
    guard format < 3 else { return try continuation(&input, at: start, position: position) }
    guard var fields = ChunkFields(input, at: start, format: format) else { return nil }
    var end = start &+ fields.count
    var extended: UInt32?
    if fields.time == 0xFF_FFFF {
      guard let wide = input.getInteger(at: end, as: UInt32.self) else { return nil }
      (fields.time, extended) = (wide, wide)
      end &+= 4
    }
    if streams[position].assembling {
      // A new header in mid-message: the sender gave the old message up.
      unfinished &-= streams[position].payload.readableBytes
      streams[position].drop()
    }
    if format < 2 { (streams[position].length, streams[position].kind) = (fields.length, fields.kind) }
    if format == 0 { streams[position].stream = fields.stream }
    streams[position].apply(format: format, time: fields.time, extended: extended)
    try begin(position)
    input.moveReaderIndex(to: end)
    return position
  }

  private mutating func continuation(_ input: inout ByteBuffer, at start: Int, position: Int) throws(Fault) -> Int? {
    var at = start
    guard streams[position].known else { throw malformed("chunk type 3 on a new chunk stream") }
    if let extended = streams[position].extended {
      guard let repeated = input.getInteger(at: at, as: UInt32.self) else { return nil }
      // §5.3.1.3 repeats it, some encoders do not: it is read only where it is the same number.
      if repeated == extended { at &+= 4 }
    }
    if !streams[position].assembling {
      streams[position].timestamp &+= streams[position].delta
      try begin(position)
    }
    input.moveReaderIndex(to: at)
    return position
  }

  private mutating func begin(_ position: Int) throws(Fault) {
    let length = streams[position].length
    let limit = streams[position].kind.isBulky ? RTMPChunkDecoder.maximumMessage : RTMPChunkDecoder.maximumCommand
    guard length <= limit else { throw malformed("message of \(length) bytes") }
    streams[position].begin()
  }

  private func malformed(_ what: String) -> Fault { Fault(.rtmpMalformed, what) }
}

/// A chunk message header (§5.3.1.2) as it stands on the wire, in as few reads as possible.
private struct ChunkFields {
  var time: UInt32
  var length = 0
  var kind = RTMPMessage.Kind(rawValue: 0)
  var stream: UInt32 = 0
  /// Its bytes: 11, 7 or 3.
  let count: Int

  /// Nil when it is cut.
  init?(_ input: ByteBuffer, at start: Int, format: UInt8) {
    count = format == 0 ? 11 : format == 1 ? 7 : 3
    if format < 2 {
      guard let head = input.getInteger(at: start, as: UInt32.self), let tail = input.getInteger(at: start &+ 3, as: UInt32.self) else {
        return nil
      }
      time = head >> 8
      length = Int(tail >> 8)
      kind = RTMPMessage.Kind(rawValue: UInt8(truncatingIfNeeded: tail))
    } else {
      guard let high = input.getInteger(at: start, as: UInt16.self), let low = input.getInteger(at: start &+ 2, as: UInt8.self) else {
        return nil
      }
      time = UInt32(high) << 8 | UInt32(low)
    }
    guard format == 0 else { return }
    guard let id = input.getInteger(at: start &+ 7, endianness: .little, as: UInt32.self) else { return nil }
    stream = id
  }
}

extension RTMPMessage.Kind {
  fileprivate var isBulky: Bool { self == .video || self == .audio || self == .aggregate }
}
