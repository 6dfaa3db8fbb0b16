internal import Logging
internal import Model

/// What all parts of an archive share.
final class ArchiveContext: Sendable {
  let settings: ArchiveSettings
  /// `DATA/archive`.
  let folder: String
  let spoolFolder: String
  let node: String
  let clock: any NodeClock
  let facts: any FactSink
  let disk: any ArchiveDisk
  let makeTap: TapMaker
  let logger: Logger

  init(
    settings: ArchiveSettings, dataFolder: String, node: String, clock: any NodeClock, facts: any FactSink, disk: any ArchiveDisk,
    makeTap: @escaping TapMaker, logger: Logger
  ) {
    self.settings = settings
    folder = ArchiveFiles.folder(dataFolder)
    spoolFolder = settings.spoolFolder ?? dataFolder + "/spool"
    self.node = node
    self.clock = clock
    self.facts = facts
    self.disk = disk
    self.makeTap = makeTap
    self.logger = logger
  }

  /// The wall label of a boot time of now.
  func wall(_ time: BootTime) -> WallTime { ArchiveContext.wall(time, by: clock.reading()) }

  static func wall(_ time: BootTime, by reading: ClockReading) -> WallTime {
    WallTime(nanoseconds: reading.kernel.nanoseconds &+ (time - reading.boot).value)
  }
}
