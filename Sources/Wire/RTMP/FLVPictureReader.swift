internal import Model
internal import NIOCore

/// The video of one RTMP publication: pictures as ``VideoUnitBuilder`` makes them of FLV's video tags, one tag a picture.
struct FLVPictureReader: Sendable {
  enum State: Sendable {
    /// No video message came.
    case none
    /// The codec is known, its parameters are not.
    case expected
    /// The track is one of the publication's.
    case known
  }

  private(set) var builder: VideoUnitBuilder
  var state = State.none
  /// Bytes of each NAL unit's length, as the sequence header says.
  var lengthSize = 4

  /// Before the first video message.
  init() { builder = VideoUnitBuilder(track: Track(index: 0, codec: .h264, clockRate: 1000), joinsInside: false) }

  /// Whether what came belongs to a picture that is not complete.
  var isOpen: Bool { builder.isOpen }
  var track: Track {
    get { builder.track }
    set { builder.track = newValue }
  }

  /// Begins with a codec, or begins anew with another one. RTMP loses nothing, and a tag begins with a picture's first slice.
  mutating func begin(_ track: Track) {
    builder = VideoUnitBuilder(track: track, joinsInside: false)
    state = .expected
    lengthSize = 4
  }

  /// Parameters of a sequence header.
  /// - Returns: whether they differ from the track's.
  mutating func setParameters(_ parameters: CodecParameters) -> Bool { builder.setParameters(parameters) }

  // MARK: Pictures

  /// What one video tag's NAL units said.
  struct Tag {
    var role: NALRole = []
    /// The last NAL unit is not whole.
    var isCut = false
    /// The bytes cannot stand as they are: lengths of other than four bytes, or something cut, empty or marked as broken.
    var needsRewrite: Bool
  }

  /// Looks at a tag's NAL units; ``finish(_:_:id:into:)`` then makes the unit.
  mutating func read(_ body: ByteBuffer, presentation: Int64, decode: Int64, arrival: BootTime) -> Tag {
    builder.open(presentation: presentation, decode: decode, arrival: arrival)
    var tag = Tag(needsRewrite: lengthSize != 4)
    body.withUnsafeReadableBytes { bytes in
      var walk = LengthPrefixedWalk(bytes, lengthSize: lengthSize)
      while let nal = walk.next() {
        let role = builder.note(nal)
        tag.role.formUnion(role)
        if nal[0] & 0x80 != 0 || role.contains(.startCodes) { tag.needsRewrite = true }
      }
      if walk.isCut {
        tag.isCut = true
        tag.role.formUnion(builder.noteMissing(header: walk.cutHeader))
      }
      if walk.isCut || walk.hasEmpty { tag.needsRewrite = true }
    }
    return tag
  }

  /// Appends the tag's unit. Its payload is the message's own bytes where they can stand as they are.
  /// - Returns: false when the tag brought no slice, only what belongs to the next picture, when nothing in it can be read, and while nobody can
  ///   decode it.
  mutating func finish(_ tag: Tag, _ body: ByteBuffer, id: AccessUnitID, into units: inout [AccessUnit]) -> Bool {
    let payload = tag.needsRewrite ? rebuilt(body) : body
    guard builder.hasSlice || tag.isCut else {
      builder.keep(payload)
      return false
    }
    if state == .known { return builder.finish(id: id, payload: payload, into: &units) }
    builder.drop()
    return false
  }

  /// The payload with four-byte lengths, and without what cannot be read.
  private func rebuilt(_ body: ByteBuffer) -> ByteBuffer {
    var out = ByteBuffer()
    out.reserveCapacity(body.readableBytes + 16)
    body.withUnsafeReadableBytes { bytes in
      var walk = LengthPrefixedWalk(bytes, lengthSize: lengthSize)
      while let nal = walk.next() {
        guard StartCode.find(from: 0, in: nal) != nil else {
          FLVPictureReader.write(nal, to: &out)
          continue
        }
        StartCode.forEachPart(of: nal) { FLVPictureReader.write($0, to: &out) }
      }
    }
    return out
  }

  /// Nothing for one that is marked as broken.
  private static func write(_ nal: UnsafeRawBufferPointer, to out: inout ByteBuffer) {
    guard let header = nal.first, header & 0x80 == 0 else { return }
    out.writeInteger(UInt32(truncatingIfNeeded: nal.count))
    out.writeBytes(nal)
  }

  // MARK: Byte streams

  /// The body of a tag whose NAL units have start codes where lengths should stand, as a few encoders send them, with lengths; nil for any other.
  mutating func withLengths(_ body: ByteBuffer) -> ByteBuffer? {
    // As a length of four bytes it would be that of a header alone.
    guard lengthSize == 4, body.getInteger(at: body.readerIndex, as: UInt32.self) == 1 else { return nil }
    var out = ByteBuffer()
    out.reserveCapacity(body.readableBytes + 16)
    body.withUnsafeReadableBytes { bytes in StartCode.forEachPart(of: bytes) { FLVPictureReader.write($0, to: &out) } }
    builder.noteStartCodes()
    return out
  }
}
