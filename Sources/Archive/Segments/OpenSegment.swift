internal import Model
internal import NIOCore

/// The segment that a stream's bytes go to.
struct OpenSegment {
  let sequence: Int64
  let session: String
  let startsWithKey: Bool
  /// The pause that it ends.
  let pause: WritePauses.Pause?
  let file: any SegmentFile
  /// Of what is in the file.
  private(set) var stats: SegmentStats
  /// Not in the file yet.
  private var staged: [ByteBuffer] = []
  private var stagedStats: SegmentStats

  /// - Parameter run: of the spool that holds its units.
  init(sequence: Int64, session: String, startsWithKey: Bool, pause: WritePauses.Pause?, run: UInt64, file: any SegmentFile) {
    self.sequence = sequence
    self.session = session
    self.startsWithKey = startsWithKey
    self.pause = pause
    self.file = file
    stats = SegmentStats(run: run)
    stagedStats = SegmentStats(run: run)
  }

  mutating func stage(_ bytes: ByteBuffer) { staged.append(bytes) }
  mutating func add(_ note: UnitNote, payload: Int) { stagedStats.add(note, payload: payload) }

  /// Position of the oldest unit that it holds.
  var oldest: UInt64? { [stats.oldest, stagedStats.oldest].compactMap { $0 }.min() }

  /// Writes what was staged.
  /// - Parameter keeping: what is refused stays staged; else it is lost.
  mutating func flush(keeping: Bool) throws(Fault) {
    guard !staged.isEmpty else { return }
    do throws(Fault) { try file.append(staged) } catch {
      if !keeping { unstage() }
      throw error
    }
    stats.merge(stagedStats)
    unstage()
  }

  private mutating func unstage() {
    staged.removeAll(keepingCapacity: true)
    stagedStats = SegmentStats(run: stats.cut.run)
  }
}
