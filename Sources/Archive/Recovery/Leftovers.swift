internal import Glibc
internal import Model
internal import NIOCore
internal import Pipelines

/// Segment files beyond the index: the open segment of a killed relay, or one that was renamed but not acknowledged.
struct Leftovers {
  struct File {
    var path: String
    var sequence: Int64
    /// Seconds since 1970 of its last write, in nanoseconds.
    var modified: Int64
  }

  /// The files of numbers after `last`, oldest first.
  static func find(_ folder: String, after last: Int64) -> [File] {
    var found: [File] = []
    var missing = 0
    var sequence = last
    // Numbers are given without holes; a few are looked at beyond the first that is not there.
    while missing < 4 {
      sequence += 1
      let before = found.count
      for name in [ArchiveFiles.segment(sequence), ArchiveFiles.part(sequence)] {
        var status = stat()
        let path = folder + "/" + name
        guard stat(path, &status) == 0 else { continue }
        let modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
        found.append(File(path: path, sequence: sequence, modified: modified))
      }
      missing = found.count == before ? missing + 1 : 0
    }
    return found
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
  static func readPrefix(_ file: File, now: ClockReading) throws(Fault) -> Prefix? {
    guard let bytes = try Disk.read(file.path, limit: 1 << 30) else { return nil }
    var walker = MatroskaWalker()
    var blocks: [MatroskaWalker.Block] = []
    bytes.withUnsafeBytes { raw in walker.feed(raw) { blocks.append($0) } }
    guard let headerEnd = walker.headerEnd.map({ Int($0) }), walker.complete > headerEnd, !blocks.isEmpty else { return nil }
    let tracks = walker.tracks.enumerated().compactMap { index, track in Leftovers.track(track, UInt8(truncatingIfNeeded: index)) }
    guard tracks.count == walker.tracks.count else { return nil }
    let last = blocks.map(\.time).max() ?? 0
    let end = now.boot - Nanoseconds(now.kernel.nanoseconds &- file.modified)
    let indexOf = Dictionary(zip(walker.tracks.map(\.number), tracks)) { first, _ in first }
    var position: UInt64 = 0
    let notes: [UnitNote] = blocks.compactMap { block in
      guard let track = indexOf[block.track] else { return nil }
      let arrival = end - Nanoseconds((last &- block.time) &* 1_000_000)
      defer { position &+= 1 }
      return UnitNote(
        position: position, firstArrival: arrival, arrival: arrival, bytes: block.payload, track: track.index, isVideo: track.codec.isVideo,
        session: 0)
    }
    let firstVideo = blocks.first { block in indexOf[block.track]?.codec.isVideo == true }
    return Prefix(
      header: ByteBuffer(bytes: bytes[..<headerEnd]), body: ByteBuffer(bytes: bytes[headerEnd..<Int(walker.complete)]), tracks: tracks,
      notes: notes, startsWithKey: firstVideo?.isKey ?? true)
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
