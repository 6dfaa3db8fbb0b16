import Logging
import Model

@testable import Journal

extension Journal {
  /// A journal as tests want it: a clock of their own, small limits, no log lines.
  static func test(
    _ folder: TemporaryFolder, identity: NodeIdentity, disk: any AppendDisk = KernelDisk(), clock: any NodeClock = TestClock(),
    _ change: (inout JournalOptions) -> Void = { _ in }
  ) throws(Fault) -> Journal {
    var options = JournalOptions()
    change(&options)
    return try Journal(
      JournalWriter.Place(
        dataFolder: folder.path, node: "county", identity: identity, clock: clock, options: options, disk: disk,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
      version: "1.0")
  }
}
