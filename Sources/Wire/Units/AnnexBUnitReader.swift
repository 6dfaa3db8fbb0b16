public import Model
public import NIOCore

/// Makes access units of a video track that comes as a byte stream (Annex B), as MPEG-TS and MPEG-PS carry it, or bare: a splitter, the borders
/// between pictures, and ``VideoUnitBuilder``.
///
/// A picture's times are those of the piece of bytes in which it begins (ISO/IEC 13818-1 §2.4.3.7: a PES packet's PTS is that of the first
/// picture that begins in it). A picture ends where the next one shows itself; a container that knows its end says so with
/// ``endPicture(into:)``, and spares one picture of delay.
public struct AnnexBUnitReader: Sendable {
  /// One piece of bytes that came.
  private struct Piece {
    /// Where it begins, in bytes since the stream's beginning.
    var offset: Int
    var arrival: BootTime
    var times: (presentation: Int64, decode: Int64?)?
  }

  /// As many as may lie between the beginning and the end of one NAL unit; more only cost precision of arrival.
  private static let maximumPieces = 64

  /// What the next unit carries; the number goes up by one with each.
  public var nextID: AccessUnitID
  private var builder: VideoUnitBuilder
  private var splitter = AnnexBSplitter()
  private var pieces: [Piece] = []
  /// Presentation time of the open unit or the one before; nil before the first.
  private var presentation: Int64?
  private var decode: Int64?

  /// - Parameters:
  ///   - track: an H.264 or H.265 one; its parameters may be nil.
  ///   - id: of the first unit.
  public init(track: Track, id: AccessUnitID) {
    builder = VideoUnitBuilder(track: track)
    nextID = id
  }

  /// Parameters, generation, size and frame rate follow the parameter sets in the stream.
  public var track: Track { builder.track }

  /// Reads the next piece of the stream, of any length.
  /// - Parameters:
  ///   - presentation: of the first picture that begins in this piece, in ticks of the track's clock; nil where the container says none: then
  ///     it is one frame after the picture before.
  ///   - decode: the same.
  public mutating func read(
    _ bytes: ByteBuffer, presentation: Int64?, decode: Int64? = nil, arrival: BootTime, into units: inout [AccessUnit]
  ) {
    if pieces.count >= AnnexBUnitReader.maximumPieces { pieces.remove(at: 1) }
    pieces.append(Piece(offset: splitter.position, arrival: arrival, times: presentation.map { ($0, decode) }))
    splitter.append(bytes)
    while let nal = splitter.next() { add(nal, &units) }
    forget(before: splitter.openOffset)
  }

  /// The bytes read so far end with a picture.
  public mutating func endPicture(into units: inout [AccessUnit]) {
    if let last = splitter.finish() { add(last, &units) }
    if builder.hasSlice { finish(&units) }
    pieces.removeAll(keepingCapacity: true)
  }

  /// Bytes are missing between the last piece and the next.
  public mutating func markLoss(into units: inout [AccessUnit]) {
    if let cut = splitter.finish() { add(cut, &units) }
    builder.markLoss(isInside: false)
  }

  private mutating func add(_ nal: AnnexBNALUnit, _ units: inout [AccessUnit]) {
    guard !pieces.isEmpty else { return }
    if nal.isAfterGap { builder.markLoss(isInside: false) }
    nal.bytes.withUnsafeReadableBytes { bytes in
      if builder.startsUnit(bytes) { finish(&units) }
      // The start code's last byte lies before the NAL unit.
      let first = piece(at: nal.offset &- 1)
      place(first)
      builder.open(presentation: presentation ?? 0, decode: decode, arrival: pieces[first].arrival)
      builder.note(arrival: pieces[piece(at: nal.offset &+ bytes.count &- 1)].arrival)
      builder.append(bytes)
    }
  }

  /// Sets the times of the picture that a NAL unit of this piece belongs to.
  private mutating func place(_ index: Int) {
    guard !(builder.isOpen && builder.hasSlice) else { return }
    if let times = pieces[index].times {
      pieces[index].times = nil
      (presentation, decode) = times
    } else if !builder.isOpen, let before = presentation {
      presentation = before &+ frameTicks
      decode = decode.map { $0 &+ frameTicks }
    }
  }

  /// 25 frames a second where nothing declares a rate.
  private var frameTicks: Int64 { Int64(track.clockRate) * 1000 / Int64(max(1, track.nominalFrameRateMilli ?? 25_000)) }

  private mutating func finish(_ units: inout [AccessUnit]) {
    if builder.finish(id: nextID, into: &units) { nextID.number &+= 1 }
  }

  /// Index of the piece in which a byte of the stream lies.
  private func piece(at offset: Int) -> Int { pieces.lastIndex { $0.offset <= offset } ?? 0 }

  private mutating func forget(before offset: Int) { pieces.removeSubrange(..<piece(at: offset &- 1)) }
}
