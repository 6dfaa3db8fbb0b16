internal import Journal
internal import Logging
internal import Model

/// The index of the journal, caught up with what earlier runs wrote.
struct IndexPart: NodePart {
  let name = "index"
  let journal: Journal
  let logger: Logger

  func start() async throws -> Projection {
    let index = try await blocking { try Projection(following: journal, logger: logger) }
    guard await index.caughtUp(to: journal.last.sequence) else {
      await index.close()
      throw Fault(.diskFailed, "index.sqlite")
    }
    return index
  }

  func stop(_ index: Projection) async { await index.close() }
}
