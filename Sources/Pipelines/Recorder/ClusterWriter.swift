internal import Model
internal import NIOCore

/// Writes access units as Matroska clusters (RFC 9559 §5.1.3) of known size: one at each video key frame, one at the start of each batch.
///
/// Why not matroskamux for these as well: with audio beside video its collector needs a thread per track and two context switches per frame (measured
/// 1.8 ms per stream-second against 0.05 here), and it waits for a track that has gone quiet, with no property or gap event that stops it.
struct ClusterWriter {
  struct Output {
    var number: UInt8
    var isVideo: Bool
    /// Added to every timestamp.
    var delay: Int64
  }

  private let outputs: [UInt8: Output]
  private let hasVideo: Bool

  /// - Parameter outputs: by ``Track/index``.
  init(outputs: [UInt8: Output]) {
    self.outputs = outputs
    hasVideo = outputs.values.contains { $0.isVideo }
  }

  /// One chunk per cluster. Units of unknown tracks are left out.
  func write(_ units: [AccessUnit]) -> [MuxedChunk] {
    var chunks: [MuxedChunk] = []
    var run: [Block] = []
    for unit in units {
      guard let output = outputs[unit.track] else { continue }
      let block = Block(unit: unit, output: output)
      if let first = run.first, block.startsKeyRun || !block.fits(clusterTime: first.clusterTime) {
        chunks.append(cluster(run))
        run.removeAll(keepingCapacity: true)
      }
      run.append(block)
    }
    if !run.isEmpty { chunks.append(cluster(run)) }
    return chunks
  }

  private struct Block {
    var payload: ByteBuffer
    var number: UInt8
    /// Presentation time in milliseconds, rounded to the nearest.
    var time: Int64
    var nanoseconds: Int64
    var startsKeyRun: Bool
    var isKey: Bool

    init(unit: AccessUnit, output: Output) {
      payload = unit.payload
      number = output.number
      nanoseconds = unit.pts.nanoseconds
      let (late, overflow) = nanoseconds.addingReportingOverflow(output.delay)
      let (whole, rest) = (overflow ? nanoseconds : late).quotientAndRemainder(dividingBy: 1_000_000)
      time = rest >= 500_000 ? whole + 1 : rest < -500_000 ? whole - 1 : whole
      startsKeyRun = output.isVideo && unit.isKey
      isKey = !output.isVideo || unit.isKey
    }

    /// A cluster's own time is unsigned.
    var clusterTime: Int64 { max(0, time) }

    func fits(clusterTime: Int64) -> Bool { Int16(exactly: time.subtractingReportingOverflow(clusterTime).partialValue) != nil }

    /// SimpleBlock: id, size, track number, relative time, flags, frame.
    var count: Int { 1 + ClusterWriter.sizeLength(payload.readableBytes + 4) + 4 + payload.readableBytes }
  }

  private func cluster(_ run: [Block]) -> MuxedChunk {
    guard let first = run.first else { return MuxedChunk(bytes: ByteBuffer()) }
    let content = 10 + run.reduce(0) { $0 + $1.count }
    var bytes = ByteBufferAllocator().buffer(capacity: content + 12)
    bytes.writeInteger(Matroska.cluster)
    bytes.writeInteger(UInt64(content) | 1 << 56)
    bytes.writeInteger(UInt8(truncatingIfNeeded: Matroska.timestamp))
    bytes.writeInteger(UInt8(0x88))
    bytes.writeInteger(UInt64(first.clusterTime))
    for block in run {
      bytes.writeInteger(UInt8(truncatingIfNeeded: Matroska.simpleBlock))
      ClusterWriter.writeSize(block.payload.readableBytes + 4, to: &bytes)
      bytes.writeInteger(block.number | 0x80)
      bytes.writeInteger(Int16(clamping: block.time &- first.clusterTime))
      bytes.writeInteger(UInt8(block.isKey ? 0x80 : 0))
      bytes.writeImmutableBuffer(block.payload)
    }
    return MuxedChunk(
      bytes: bytes, startsCluster: true, startsKeyCluster: first.startsKeyRun || !hasVideo, pts: Nanoseconds(first.nanoseconds),
      unitCount: run.count)
  }

  /// Bytes of an EBML size (RFC 8794 §4); the all-ones value of each length means unknown.
  static func sizeLength(_ size: Int) -> Int {
    for length in 1..<8 where size < (1 << (7 * length)) - 1 { return length }
    return 8
  }

  static func writeSize(_ size: Int, to bytes: inout ByteBuffer) {
    let length = sizeLength(size)
    let marked = UInt64(size) | 1 << UInt64(7 * length)
    for shift in stride(from: (length - 1) * 8, through: 0, by: -8) {
      bytes.writeInteger(UInt8(truncatingIfNeeded: marked >> UInt64(shift)))
    }
  }
}
