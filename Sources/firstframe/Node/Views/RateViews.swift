internal import Command
internal import Measure
internal import Web

/// The three rates of a running node, up to the newest durable fact.
struct RateViews: RatesSource {
  let desk: RateDesk

  func rates(month: String?) async throws -> PrintedJSON {
    let counted = try await desk.counted()
    // Making figures of years takes a while, and blocks nobody here.
    return try await blocking { counted.figures(month: month).json }
  }
}
