import FirstFrameTesting
import Foundation
import Measure

/// Writes what was seen to the series' table.
enum Ledger {
  private static func text(_ milliseconds: Double) -> String { String(format: "%.4f", milliseconds) }

  /// One run, every figure.
  static func note(_ scenario: Scenario, _ run: LabRun, _ comparison: Comparison) {
    let counts = comparison.counts.map { "\($0.name) \($0.product)\($0.product == $0.truth ? "" : " ≠ \($0.truth)")" }
    let bands = comparison.bands.map { "\($0.name) \(text($0.product)) ~ \(text($0.truth))" }
    LabSeries.write("\(scenario.name) #\(run.seed): \((counts + bands).joined(separator: ", "))")
    let trips = run.referee.roundTrips.map { "\(text($0.network))/\(text($0.answered))" }
    let lag = Double(run.windows.first?.observer.probeLagP99Ns ?? 0) / 1e6
    LabSeries.write(
      "  hand-over at most \(text(run.referee.widestHandOver)) ms, lag p99 \(text(lag)) ms, round trips \(trips.joined(separator: " "))")
  }

  /// One-way delays of a run's key units, measured and true, in nanoseconds.
  static func note(oneWay: [(product: Int64, truth: Int64)], seed: UInt64) {
    let pairs = oneWay.map { "\(text(Double($0.product) / 1e6)) ~ \(text(Double($0.truth) / 1e6))" }
    LabSeries.write("one-way delay #\(seed): \(pairs.joined(separator: ", "))")
  }

  /// The worst of a scenario over its seeds, as a row of a table.
  static func summary(_ scenario: Scenario, _ seen: [Comparison]) {
    let wrong = seen.flatMap(\.counts).count { $0.product != $0.truth }
    LabSeries.write("| \(scenario.name) | \(seen.count) | counts | \(wrong) differ of \(seen.flatMap(\.counts).count) | 0 |")
    let names = seen.flatMap(\.bands).map(\.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    for name in names {
      let all = seen.flatMap(\.bands).filter { $0.name == name }
      guard let worst = all.max(by: { $0.off < $1.off }), let tight = all.map({ $0.allowed - $0.off }).min() else { continue }
      LabSeries.write(
        "| \(scenario.name) | \(all.count) | \(name) | \(text(worst.off)) at \(text(worst.truth)) | \(text(worst.allowed)), least room \(text(tight)) |"
      )
    }
  }
}
