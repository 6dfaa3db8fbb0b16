import Measure
import Model

/// How far what the product published of a run is from what the referee found, row by row of the acceptance table.
struct Comparison: Sendable {
  /// Milliseconds between the product's figure and the referee's, and how many are allowed.
  struct Band: Sendable {
    var name: String
    var product: Double
    var truth: Double
    var allowed: Double
    var off: Double { abs(product - truth) }
    var holds: Bool { off <= allowed }
  }

  struct Count: Sendable, Hashable {
    var name: String
    var product: Int64
    var truth: Int64
  }

  /// Whether frames can be compared: see ``Referee/isInReach``.
  var isInReach: Bool
  /// Figures that the machine's own standing keeps from being compared in this run.
  var notCompared: [String]
  var counts: [Count]
  var bands: [Band]

  init(_ window: QualityWindow, _ referee: Referee) {
    let variation = referee.delayVariation
    counts = [
      Count(name: "expected", product: window.packetsExpected, truth: referee.expected),
      Count(name: "lost", product: window.packetsLost, truth: referee.lost),
      Count(name: "duplicated", product: window.packetsDuplicated, truth: referee.duplicated),
      Count(name: "reordered", product: window.packetsReordered, truth: referee.reordered),
      Count(name: "late or discarded", product: window.packetsLate + window.packetsDiscarded, truth: 0),
      Count(name: "losses in bursts", product: window.burstLost, truth: referee.bursts.lost),
      Count(name: "bursts", product: window.bursts, truth: referee.bursts.count),
    ]
    let jitter = referee.jitter
    bands = [
      Band(
        name: "jitter mean", product: milliseconds(window.jitterMeanNs), truth: jitter.mean, allowed: max(0.1, jitter.mean / 20)),
      Band(
        name: "jitter maximum", product: milliseconds(window.jitterMaximumNs), truth: jitter.maximum, allowed: max(0.1, jitter.maximum / 20)),
    ]
    if referee.isPathSteady { bands.append(roundTrip(window, referee)) }
    isInReach = referee.isInReach
    notCompared = (referee.isPathSteady ? [] : ["round trip"]) + (referee.outage != nil && referee.stood ? ["freeze"] : [])
    guard isInReach else { return }
    counts += [
      Count(name: "frames", product: window.delayVariation?.count ?? 0, truth: Int64(variation.count)),
      Count(name: "clean frames", product: window.frames.clean, truth: Int64(referee.clean.count)),
    ]
    let quantiles: [(String, Int64?, Double)] = [
      ("p50", window.delayVariation?.p50, 0.5), ("p95", window.delayVariation?.p95, 0.95), ("p99", window.delayVariation?.p99, 0.99),
      ("p99.9", window.delayVariation?.p999, 0.999), ("maximum", window.delayVariation?.maximum, 1),
    ]
    for (name, product, share) in quantiles {
      let truth = Double(Referee.quantile(variation, share)) / 1e6
      bands.append(Band(name: "PDV \(name)", product: milliseconds(product), truth: truth, allowed: 0.1))
    }
    if let outage = referee.outage, !referee.stood {
      let frame = Double(referee.footage.frameNanoseconds) / 1e6
      bands.append(Band(name: "freeze", product: milliseconds(window.freezeNs), truth: outage.silence + outage.wait, allowed: frame))
    }
  }

  /// Wireshark's opinion of the jitter.
  mutating func add(tshark: (mean: Double, maximum: Double), _ window: QualityWindow) {
    bands.append(Band(name: "jitter mean, tshark", product: milliseconds(window.jitterMeanNs), truth: tshark.mean, allowed: 0.05))
    bands.append(Band(name: "jitter maximum, tshark", product: milliseconds(window.jitterMaximumNs), truth: tshark.maximum, allowed: 0.05))
  }
}

private func milliseconds(_ nanoseconds: Int64?) -> Double { nanoseconds.map { Double($0) / 1e6 } ?? -1 }

private func roundTrip(_ window: QualityWindow, _ referee: Referee) -> Comparison.Band {
  let truth = referee.roundTrips.map(\.answered).min() ?? -1
  return Comparison.Band(name: "round trip", product: milliseconds(window.roundTrip?.p50), truth: truth, allowed: max(1, truth / 20))
}
