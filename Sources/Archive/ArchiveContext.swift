internal import Logging
internal import Model

/// What all parts of an archive share.
final class ArchiveContext: Sendable {
  let settings: ArchiveSettings
  /// `DATA/archive`: index, heads and, where the store is the disk, the segments.
  let folder: String
  let spoolFolder: String
  let node: String
  let clock: any NodeClock
  let facts: any FactSink
  let store: any SegmentStore
  let makeTap: TapMaker
  let logger: Logger

  /// - Parameter store: nil for the disk below ``folder``.
  init(
    settings: ArchiveSettings, dataFolder: String, node: String, clock: any NodeClock, facts: any FactSink, store: (any SegmentStore)? = nil,
    makeTap: @escaping TapMaker, logger: Logger
  ) {
    self.settings = settings
    folder = ArchiveFiles.folder(dataFolder)
    spoolFolder = settings.spoolFolder ?? dataFolder + "/spool"
    self.node = node
    self.clock = clock
    self.facts = facts
    self.store = store ?? DiskSegmentStore(folder: folder)
    self.makeTap = makeTap
    self.logger = logger
  }

  /// The wall label of a boot time of now.
  func wall(_ time: BootTime) -> WallTime { ArchiveContext.wall(time, by: clock.reading()) }

  static func wall(_ time: BootTime, by reading: ClockReading) -> WallTime {
    WallTime(nanoseconds: reading.kernel.nanoseconds &+ (time - reading.boot).value)
  }

  /// A gap with its wall labels; of this boot unless it says otherwise.
  func gap(
    _ stream: StreamName, session: String, boot: String? = nil, from: BootTime, to: BootTime, _ cause: ArchiveGap.Cause,
    _ event: ArchiveGap.Event
  ) -> ArchiveGap {
    ArchiveGap(
      stream: stream, session: session, boot: boot ?? clock.bootID, from: from, to: to, fromWall: wall(from), toWall: wall(to), cause: cause,
      event: event)
  }

  /// Records a gap as a fact; its time is the gap's end where that is of this boot.
  func record(_ gap: ArchiveGap) { facts.record(FactKind.archiveGap, gap.fields, at: gap.boot == clock.bootID ? gap.to : nil) }
}
