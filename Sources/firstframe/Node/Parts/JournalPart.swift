internal import Journal
internal import Logging
internal import Model

/// The journal and the key that signs it. It holds the lock of the data folder.
struct JournalPart: NodePart {
  struct Opened: Sendable {
    let identity: NodeIdentity
    let journal: Journal
    /// The journal, with a line in the log for what an operator looks for there.
    let facts: FactLog
  }

  let name = "journal"
  let dataFolder: String
  let node: String
  let role: NodeRole
  let clock: any NodeClock
  let ending: NodeEnding
  let logger: Logger

  func start() async throws -> Opened {
    try await blocking {
      let identity = try NodeIdentity.load(dataFolder: dataFolder)
      let journal = try Journal.open(
        dataFolder: dataFolder, node: node, identity: identity, version: FirstFrame.version, started: ["role": .string(role.rawValue)],
        clock: clock, logger: logger)
      return Opened(identity: identity, journal: journal, facts: FactLog(journal, clock: clock, logger: logger))
    }
  }

  func stop(_ opened: Opened) async { await opened.journal.close(reason: ending.reason) }
}
