public import Measure

/// The three rates that a centre is judged by.
public protocol RatesSource: Sendable {
  /// - Parameter month: of China Standard Time, `2026-11`; nil for all there is.
  func rates(month: String?) async throws -> PrintedJSON
}
