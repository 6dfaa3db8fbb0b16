internal import Access
internal import Model

/// Counts what strangers are refused, on its way to the journal; writes the last sums when the node ends.
struct RefusalsPart: NodePart {
  let name = "refusals"
  let facts: any FactSink
  let clock: any NodeClock

  func start() async throws -> RefusalCounter { RefusalCounter(facts, clock: clock) }
  func stop(_ counter: RefusalCounter) async { counter.flush() }
}
