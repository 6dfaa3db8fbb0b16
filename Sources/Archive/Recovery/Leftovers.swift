internal import Model
internal import NIOCore
internal import Pipelines

/// Segment files beyond the index: the open segment of a killed relay, or one that has its final name but was not acknowledged.
enum Leftovers {
  /// A leftover in quarantine.
  struct Kept {
    /// Where it was, below the archive's folder.
    var origin: String
    var file: StoredFile
  }

  /// The files of numbers after `last`, oldest first.
  static func find(_ store: any SegmentStore, _ id: String, after last: Int64) throws(Fault) -> [StoredFile] {
    var found: [StoredFile] = []
    var missing = 0
    var sequence = last
    // Numbers are given without holes; a few are looked at beyond the first that is not there.
    while missing < 4 {
      sequence += 1
      let before = found.count
      let name = SegmentName(stream: id, number: sequence)
      for path in [name.path, name.openPath] { if let file = try store.info(path) { found.append(file) } }
      missing = found.count == before ? missing + 1 : 0
    }
    return found
  }

  /// Moves the leftovers into quarantine, where they stay unless their units are found otherwise. No fact: they are ours.
  static func setAside(_ files: [StoredFile], _ store: any SegmentStore) throws(Fault) -> [Kept] {
    var kept: [Kept] = []
    for file in files {
      let moved = StoredFile(path: try store.quarantine(file.path), bytes: file.bytes, modified: file.modified)
      kept.append(Kept(origin: file.path, file: moved))
    }
    return kept
  }

  /// What can be read of a cut segment.
  struct Prefix {
    var header: ByteBuffer
    var body: ByteBuffer
    var tracks: [Track]
    var notes: [UnitNote]
    /// What the muxer would have said of the body.
    var startsWithKey: Bool
  }

  /// Reads up to the last whole block; nil when there is none. Arrival times are guessed from the file's time: the spool had the true ones.
  /// - Parameters:
  ///   - modified: when the file was last written.
  ///   - now: both clocks, to place `modified` on the boot clock.
  static func readPrefix(_ bytes: [UInt8], modified: WallTime, now: ClockReading) -> Prefix? {
    var walker = MatroskaWalker()
    var blocks: [MatroskaWalker.Block] = []
    bytes.withUnsafeBytes { raw in walker.feed(raw) { blocks.append($0) } }
    guard let headerEnd = walker.headerEnd.map({ Int($0) }), walker.complete > headerEnd, !blocks.isEmpty else { return nil }
    let tracks = walker.tracks.enumerated().compactMap { index, track in Leftovers.track(track, UInt8(truncatingIfNeeded: index)) }
    guard tracks.count == walker.tracks.count else { return nil }
    let indexOf = Dictionary(zip(walker.tracks.map(\.number), tracks)) { first, _ in first }
    let end = now.boot - Nanoseconds(now.kernel.nanoseconds &- modified.nanoseconds)
    let firstVideo = blocks.first { block in indexOf[block.track]?.codec.isVideo == true }
    return Prefix(
      header: ByteBuffer(bytes: bytes[..<headerEnd]), body: ByteBuffer(bytes: bytes[headerEnd..<Int(walker.complete)]), tracks: tracks,
      notes: notes(blocks, indexOf, end: end), startsWithKey: firstVideo?.isKey ?? true)
  }

  /// The units of the blocks, the newest of which arrived at `end`.
  private static func notes(_ blocks: [MatroskaWalker.Block], _ indexOf: [UInt64: Track], end: BootTime) -> [UnitNote] {
    let last = blocks.map(\.time).max() ?? 0
    var position: UInt64 = 0
    return blocks.compactMap { block in
      guard let track = indexOf[block.track] else { return nil }
      let arrival = end - Nanoseconds((last &- block.time) &* 1_000_000)
      defer { position &+= 1 }
      return UnitNote(
        position: position, firstArrival: arrival, arrival: arrival, bytes: block.payload, track: track.index, isVideo: track.codec.isVideo,
        session: 0)
    }
  }

  private static func track(_ found: MatroskaWalker.Track, _ index: UInt8) -> Track? {
    let codec: Codec
    switch found.codecID {
    case "V_MPEG4/ISO/AVC": codec = .h264
    case "V_MPEGH/ISO/HEVC": codec = .h265
    case "A_OPUS": codec = .opus
    case "A_MS/ACM": codec = .pcma
    case let id where id.hasPrefix("A_AAC"): codec = .aac
    default: return nil
    }
    return Track(index: index, codec: codec, clockRate: 1000)
  }
}
