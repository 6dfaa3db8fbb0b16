internal import Model
internal import NIOCore

/// The video of one RTMP publication: pictures as ``VideoUnitBuilder`` makes them of FLV's video tags, one tag a picture.
struct FLVPictureReader: Sendable {
  var builder: VideoUnitBuilder
  /// Bytes of each NAL unit's length, as the sequence header says.
  var lengthSize = 4
  /// Its parameters came, so that its track is one of the publication's.
  var isKnown = false

  /// RTMP loses nothing, and a tag begins with a picture's first slice.
  init(_ track: Track) { builder = VideoUnitBuilder(track: track, joinsInside: false) }

  /// Looks at a tag's NAL units; ``finish(_:id:)`` then makes the unit.
  mutating func read(_ body: ByteBuffer, presentation: Int64, decode: Int64, arrival: BootTime) -> Tag {
    builder.open(presentation: presentation, decode: decode, arrival: arrival)
    var tag = Tag(isAsItIs: lengthSize == 4)
    body.withUnsafeReadableBytes { bytes in
      var walk = LengthPrefixedWalk(bytes, lengthSize: lengthSize)
      while let nal = walk.next() {
        tag.role.formUnion(builder.note(nal))
        if nal[0] & 0x80 != 0 { tag.isAsItIs = false }
      }
      if walk.isCut {
        tag.isCut = true
        tag.role.formUnion(builder.noteMissing(header: walk.cutHeader))
      }
      if walk.isCut || walk.hasEmpty { tag.isAsItIs = false }
    }
    return tag
  }

  /// The tag's unit. Its payload is the message's own bytes where they can stand as they are.
  /// - Returns: nil when the tag brought no slice, only what belongs to the next picture, and when nothing in it can be read.
  mutating func finish(_ tag: Tag, _ body: ByteBuffer, id: AccessUnitID) -> AccessUnit? {
    let payload = tag.isAsItIs ? body : rebuilt(body)
    if builder.hasSlice || tag.isCut { return builder.finish(id: id, payload: payload) }
    builder.keep(payload)
    return nil
  }

  /// What one video tag's NAL units said.
  struct Tag {
    var role: NALRole = []
    /// The last NAL unit is not whole.
    var isCut = false
    /// The bytes can stand as they are: lengths of four bytes, nothing cut, empty or marked as broken.
    var isAsItIs: Bool
  }

  /// The payload with four-byte lengths, and without what cannot be read.
  private func rebuilt(_ body: ByteBuffer) -> ByteBuffer {
    var out = ByteBuffer()
    out.reserveCapacity(body.readableBytes + 16)
    body.withUnsafeReadableBytes { bytes in
      var walk = LengthPrefixedWalk(bytes, lengthSize: lengthSize)
      while let nal = walk.next() {
        guard nal[0] & 0x80 == 0 else { continue }
        out.writeInteger(UInt32(truncatingIfNeeded: nal.count))
        out.writeBytes(nal)
      }
    }
    return out
  }
}
