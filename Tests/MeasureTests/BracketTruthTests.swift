import Measure
import Model
import Testing

@Suite("Bounds contain the truth whatever happens between two centres")
struct BracketTruthTests {
  /// One simulated incident and what the figures made of the county's journal.
  private static func run(_ seed: UInt64) throws -> (world: TwoCentreWorld, figures: IncidentFigures) {
    var world = TwoCentreWorld(seed: seed, policy: try IncidentStory.policy())
    let facts = world.live()
    return (world, try #require(IncidentFigures.compute("i1", from: facts)))
  }

  private static func contains(_ bracket: Bracket, _ truth: Int64) -> Bool { bracket.lower.value <= truth && truth <= bracket.upper.value }

  /// Seconds of a node's clock between two moments, had its machine not rebooted.
  private static func span(_ clock: TwoCentreWorld.Clock, _ from: Int64, _ to: Int64) -> Int64 {
    clock.read(to, in: clock.boot(at: to)) - clock.read(from, in: clock.boot(at: to))
  }

  @Test("Both brackets, the bridge and the dated bracket contain the truth in every run", arguments: 0..<400)
  func contained(seed: UInt64) throws {
    let (world, figures) = try BracketTruthTests.run(seed)
    let truth = world.truth
    #expect((figures.province != nil) == (truth.receipt != nil))
    if let seen = truth.provincePicture, let province = figures.province {
      // Each in the seconds of its own clock, exactly; in the world's own seconds within what clocks' rates are trusted to.
      let trusted = (seen - truth.received) / 1_000_000 * 15
      for (bracket, clock) in [
        (province.countyBracket, world.county), (province.provinceBracket, world.province), (province.dated, world.county),
      ] {
        guard let bracket else { continue }
        #expect(BracketTruthTests.contains(bracket, BracketTruthTests.span(clock, truth.received, seen)))
        #expect(bracket.lower.value - trusted <= seen - truth.received && seen - truth.received <= bracket.upper.value + trusted)
      }
    }
    if let seen = truth.countyPicture, let county = figures.county {
      if let time = county.time { #expect(time.value == BracketTruthTests.span(world.county, truth.received, seen)) }
      if let bridged = county.bridged {
        #expect(BracketTruthTests.contains(bridged, BracketTruthTests.span(world.province, truth.received, seen)))
      }
    }
    #expect(figures.retries.count == truth.retries)
  }

  @Test("A bracket is there exactly when its clock went through", arguments: 0..<400)
  func present(seed: UInt64) throws {
    let (world, figures) = try BracketTruthTests.run(seed)
    let truth = world.truth
    guard let receipt = truth.receipt, let sent = truth.sent, let seen = truth.provincePicture, let heard = truth.heard else { return }
    func isOneBoot(_ clock: TwoCentreWorld.Clock, _ times: Int64...) -> Bool { Set(times.map { clock.boot(at: $0).id }).count == 1 }
    #expect((figures.province?.countyBracket != nil) == isOneBoot(world.county, truth.received, sent, receipt))
    let isProven = truth.beacon.map { isOneBoot(world.province, $0, heard, seen) } ?? false
    #expect((figures.province?.provinceBracket != nil) == isProven)
    #expect((figures.province?.grade == .decoded) == isProven)
    guard let below = truth.countyPicture, figures.county?.time == nil else { return }
    #expect(!isOneBoot(world.county, truth.received, below))
  }

  @Test("The verdict says pass or fail only when that is the truth, and undetermined only when it must", arguments: 0..<400)
  func verdict(seed: UInt64) throws {
    let (world, figures) = try BracketTruthTests.run(seed)
    let truth = world.truth
    guard let receipt = truth.receipt, let sent = truth.sent, let seen = truth.provincePicture, let heard = truth.heard else {
      let isOver = BracketTruthTests.span(world.county, truth.received, max(truth.last, truth.received)) > world.limit
      #expect(figures.verdict == (truth.isClosed || isOver ? .fail : .undetermined))
      #expect(isOver || !truth.isMissed)
      return
    }
    func within(_ clock: TwoCentreWorld.Clock, _ time: Int64) -> Int64 { BracketTruthTests.span(clock, truth.received, time) }
    if figures.verdict == .pass {
      #expect(within(world.county, seen) <= world.limit || figures.province?.countyBracket == nil)
      #expect(within(world.province, seen) <= world.limit)
    }
    if figures.verdict == .fail { #expect(max(within(world.county, seen), within(world.province, seen)) > world.limit) }
    // What a referee who sees both clocks and all events would say.
    let hasCounty = world.county.boot(at: truth.received).id == world.county.boot(at: receipt).id
    let hasProvince = truth.beacon.map { world.province.boot(at: $0).id == world.province.boot(at: seen).id } ?? false
    let lowest = [hasCounty ? within(world.county, sent) : nil, hasProvince ? BracketTruthTests.span(world.province, heard, seen) : nil]
    let highest = [
      hasCounty ? within(world.county, receipt) : nil,
      truth.beacon.flatMap { hasProvince ? BracketTruthTests.span(world.province, $0, seen) : nil },
    ]
    let expected: Verdict =
      lowest.contains { $0 ?? 0 > world.limit } ? .fail : hasProvince && highest.allSatisfy { $0 ?? 0 <= world.limit } ? .pass : .undetermined
    #expect(figures.verdict == expected)
  }

  @Test("The runs are worth their name: every misfortune and every verdict is among them")
  func worthwhile() throws {
    var seen: Set<String> = []
    for seed in 0..<400 as Range<UInt64> {
      let (world, figures) = try BracketTruthTests.run(seed)
      seen.insert(figures.verdict.rawValue)
      for reason in figures.reasons { seen.insert(reason.rawValue) }
      if figures.county?.bridged != nil { seen.insert("bridged") }
      if figures.province?.dated != nil { seen.insert("dated") }
      if world.province.boots.count > 1, world.truth.receipt != nil { seen.insert("provinceRebooted") }
      if world.truth.retries > 0, world.truth.receipt != nil { seen.insert("retried") }
    }
    let wanted = [
      "pass", "fail", "undetermined", "late", "noPicture", "running", "straddles", "countyClockOnly", "countyRebooted", "bridged", "dated",
      "provinceRebooted", "retried",
    ]
    #expect(seen.isSuperset(of: wanted), "never seen: \(Set(wanted).subtracting(seen))")
  }
}
