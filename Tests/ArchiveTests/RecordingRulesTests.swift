import FirstFrameTesting
import Model
import NIOCore
import Pipelines
import Testing

@testable import Archive

/// Rules that hold for whatever a device sends, tried on thousands of random runs.
@Suite("Rules of recording")
struct RecordingRulesTests {
  // MARK: Cutting

  @Test("Segments begin where decoding can start, are long enough, and lose no byte between them")
  func cutting() {
    var random = Mutator(seed: 21)
    let (target, longest) = (Nanoseconds.seconds(10), Nanoseconds.seconds(60))
    var begun = 0
    for _ in 0..<400 {
      var cutter = SegmentCutter(target: target, longest: longest)
      let anywhere = Bool.random(using: &random)
      var start: Nanoseconds?
      var time = Nanoseconds.seconds(Int64.random(in: -100...100, using: &random))
      for _ in 0..<120 {
        let startsCluster = UInt8.random(in: 0..<3, using: &random) > 0
        let chunk = MuxedChunk(
          bytes: ByteBuffer(), isHeader: UInt8.random(in: 0..<40, using: &random) == 0, startsCluster: startsCluster,
          startsKeyCluster: startsCluster && UInt8.random(in: 0..<4, using: &random) == 0, pts: time)
        switch cutter.decide(chunk, anywhere: anywhere) {
        case .header:
          #expect(chunk.isHeader)
          start = nil
        case .begin:
          #expect(chunk.startsCluster)
          if let start {
            let length = time - start
            #expect(length >= longest || (chunk.startsKeyCluster && (length >= target || length < Nanoseconds(-target.value))))
          } else {
            #expect(chunk.startsKeyCluster || anywhere)
          }
          cutter.opened(at: chunk.pts)
          start = time
          begun += 1
        case .append: #expect(start != nil)
        case .discard: #expect(start == nil && !chunk.startsKeyCluster && !(anywhere && chunk.startsCluster))
        }
        time = time + Nanoseconds(Int64.random(in: -400_000_000...3_000_000_000, using: &random))
        if UInt8.random(in: 0..<60, using: &random) == 0 { time = time - .seconds(50) }
        if UInt8.random(in: 0..<50, using: &random) == 0 {
          cutter.reset()
          start = nil
        }
      }
    }
    #expect(begun > 2000)
  }

  // MARK: Planning

  private static let tracks: [[Track]] = {
    var other = SmallClip.video
    other.generation = 1
    other.parameters = .h264(sps: [Hex.decode("6742c00bda05079ffc0440000003004000000c83c50aa8") ?? []], pps: [Hex.decode("68ce0fc801") ?? []])
    var mute = SmallClip.audio
    mute.parameters = nil
    return [SmallClip.tracks, [SmallClip.video], [SmallClip.audio], [other, SmallClip.audio], [SmallClip.video, mute], []]
  }()

  private static func items(_ random: inout Mutator) -> [RecordedItem] {
    let origin = UnitOrigin(node: "n", path: Bench.name)
    var session = 1
    var generation: UInt32 = 0
    var position: UInt64 = 0
    var time: Int64 = 0
    return (0..<Int.random(in: 10...150, using: &random)).map { index in
      time += Int64.random(in: 0...400, using: &random)
      let choice = index == 0 ? 0 : Int.random(in: 0..<40, using: &random)
      switch choice {
      case 0, 1:
        if choice == 1 { session += 1 }
        let described = tracks[Int.random(in: 0..<tracks.count, using: &random)]
        generation = described.first?.generation ?? 0
        return .described(RecordedStream(name: Bench.name, session: "s\(session)", origin: origin, tracks: described))
      case 2: return .interrupted(BootTime(nanoseconds: time * 1_000_000))
      case 3: return .ended(BootTime(nanoseconds: time * 1_000_000))
      default:
        let arrival = BootTime(nanoseconds: time * 1_000_000)
        let unit = AccessUnit(
          id: AccessUnitID(origin: origin, epoch: 1, number: position), track: UInt8.random(in: 0..<3, using: &random),
          pts: MediaTime(value: time, timescale: 1000), firstArrival: arrival, arrival: arrival, generation: generation,
          flags: UInt8.random(in: 0..<6, using: &random) == 0 ? .key : [], payload: ByteBuffer(bytes: [1, 2, 3]))
        defer { position += 1 }
        return .unit(RecordedUnit(unit: unit, position: position))
      }
    }
  }

  @Test("Every unit goes into one muxer or is counted as skipped, in order, between that muxer's start and finish, and only into tracks it has")
  func planning() {
    var random = Mutator(seed: 22)
    var pushed = 0
    for _ in 0..<600 {
      let items = Self.items(&random)
      var plan = TapPlan(startsAnywhere: Bool.random(using: &random))
      var running: [Track]?
      var positions: [UInt64] = []
      var skipped = 0
      // In batches of any size, as the feeder hands them over.
      var rest = items[...]
      while !rest.isEmpty {
        let batch = rest.prefix(Int.random(in: 1...20, using: &random))
        rest = rest.dropFirst(batch.count)
        for step in plan.steps(for: Array(batch)) {
          switch step {
          case .start(let tracks, _):
            #expect(running == nil)
            #expect(!tracks.isEmpty && tracks.allSatisfy { $0.parameters != nil })
            running = tracks
          case .push(let units, let session):
            #expect(!session.isEmpty)
            #expect(units.allSatisfy { unit in running?.contains { $0.index == unit.unit.track } == true })
            positions += units.map(\.position)
          case .finish:
            #expect(running != nil)
            running = nil
          case .skipped(let units, let bytes):
            skipped += units
            #expect(bytes == 3 * units)
          }
        }
        #expect(plan.isRecording == (running != nil))
        if UInt8.random(in: 0..<15, using: &random) == 0, running != nil {
          plan.tapFailed()
          running = nil
        }
      }
      let units = items.count { if case .unit = $0 { true } else { false } }
      #expect(positions == positions.sorted() && Set(positions).count == positions.count)
      #expect(positions.count + skipped == units)
      #expect(plan.planned == UInt64(units))
      pushed += positions.count
    }
    #expect(pushed > 5000)
  }

  // MARK: Gaps

  private enum Step {
    /// Milliseconds of arrival and of presentation.
    case picture(Int64, pts: Int64, AccessUnit.Flags = .clean)
    case sound(Int64)
    case interrupted, ended
    case described([Track])
  }

  private static func gaps(_ tracks: [Track], _ steps: [Step]) -> [String] {
    let origin = UnitOrigin(node: "n", path: Bench.name)
    func item(_ track: UInt8, _ arrival: Int64, _ pts: Int64, _ flags: AccessUnit.Flags) -> RecordedItem {
      let time = BootTime(nanoseconds: arrival &* 1_000_000)
      return .unit(
        RecordedUnit(
          unit: AccessUnit(
            id: AccessUnitID(origin: origin, epoch: 1, number: 1), track: track, pts: MediaTime(value: pts, timescale: 1000), firstArrival: time,
            arrival: time, flags: flags, payload: ByteBuffer()), position: 0))
    }
    func described(_ tracks: [Track]) -> RecordedItem {
      .described(RecordedStream(name: Bench.name, session: "s", origin: origin, tracks: tracks))
    }
    var ledger = GapLedger()
    return
      ([described(tracks)]
      + steps.map { step in
        switch step {
        case .picture(let arrival, let pts, let flags): item(0, arrival, pts, flags)
        case .sound(let arrival): item(1, arrival, arrival, .clean)
        case .interrupted: .interrupted(BootTime(nanoseconds: 0))
        case .ended: .ended(BootTime(nanoseconds: 0))
        case .described(let tracks): described(tracks)
        }
      })
      .compactMap { ledger.apply($0) }.map { found in
        "\(found.from.nanoseconds / 1_000_000)-\(found.to.nanoseconds / 1_000_000) \(found.cause.rawValue) \(found.event.rawValue)"
      }
  }

  private static let pair = [SmallClip.video, SmallClip.audio]

  @Test(
    "What counts as a gap, and whose",
    arguments: [
      ("only the pictures count where there are any", pair, [.picture(0, pts: 0), .sound(3000), .picture(900, pts: 900)], []),
      ("sound counts where it is alone", [SmallClip.audio], [.sound(0), .sound(1500)], ["0-1500 device silent"]),
      ("a damaged picture after the pause", pair, [.picture(0, pts: 0), .picture(2000, pts: 2000, .damaged)], ["0-2000 network lost"]),
      ("a publisher's own gap", pair, [.picture(0, pts: 0), .picture(2000, pts: 2000, [.key, .discontinuity])], ["0-2000 network lost"]),
      ("pictures without their predecessors", pair, [.picture(0, pts: 0), .picture(2000, pts: 2000, [])], ["0-2000 network lost"]),
      ("a key picture, whole", pair, [.picture(0, pts: 0), .picture(2000, pts: 2000, [.key, .clean])], ["0-2000 device silent"]),
      ("all came after all", pair, [.picture(0, pts: 0), .picture(2000, pts: 40)], ["0-2000 network late"]),
      ("a time line that went back", pair, [.picture(0, pts: 9000), .picture(2000, pts: 0)], ["0-2000 network late"]),
      ("interrupted, whatever the pictures say", pair, [.picture(0, pts: 0), .interrupted, .picture(60, pts: 40)], ["0-60 network interrupted"]),
      ("interrupted twice, one gap", pair, [.picture(0, pts: 0), .interrupted, .interrupted, .picture(60, pts: 40)], ["0-60 network interrupted"]),
      ("interrupted before the first picture", pair, [.interrupted, .picture(60, pts: 40)], []),
      (
        "the pause after the interruption is the same gap", pair,
        [.picture(0, pts: 0), .interrupted, .picture(5000, pts: 0), .picture(5040, pts: 40)],
        ["0-5000 network interrupted"]
      ),
      ("ended and begun again", pair, [.picture(0, pts: 0), .ended, .picture(9000, pts: 0)], []),
      ("interrupted and ended", pair, [.picture(0, pts: 0), .interrupted, .ended, .picture(9000, pts: 0)], []),
      ("new parameters are none", pair, [.picture(0, pts: 0), .described([SmallClip.video]), .picture(40, pts: 40)], []),
      (
        "two gaps", pair, [.picture(0, pts: 0), .picture(1100, pts: 1100, .damaged), .picture(2300, pts: 2300, .damaged)],
        ["0-1100 network lost", "1100-2300 network lost"]
      ),
    ] as [(String, [Track], [Step], [String])])
  private func gapTable(_ row: (what: String, tracks: [Track], steps: [Step], expected: [String])) {
    #expect(Self.gaps(row.tracks, row.steps) == row.expected, "\(row.what)")
  }

  @Test("Times from the ends of the world give no trap and no nonsense")
  func absurdTimes() {
    var random = Mutator(seed: 23)
    let values: [Int64] = [.min, -1, 0, 1, 40, .max / 2, .max]
    for _ in 0..<500 {
      var tracks = Self.pair
      tracks[0].nominalFrameRateMilli = [nil, 0, -5, 1, 25_000, Int.max][Int.random(in: 0..<6, using: &random)]
      let steps = (0..<20).map { _ in
        Step.picture(values[Int.random(in: 0..<7, using: &random)], pts: values[Int.random(in: 0..<7, using: &random)])
      }
      #expect(Self.gaps(tracks, steps).count <= 20)
    }
  }

  @Test("A stream that nobody returned to has a gap until now, once")
  func away() {
    var ledger = GapLedger()
    #expect(ledger.closeAway(at: BootTime(nanoseconds: 9)) == nil)
    _ = ledger.resumeAfterCrash(lastArrival: BootTime(nanoseconds: 5))
    #expect(ledger.closeAway(at: BootTime(nanoseconds: 5)) == nil, "no time has passed")
    let found = ledger.closeAway(at: BootTime(nanoseconds: 9))
    #expect(found?.from == BootTime(nanoseconds: 5))
    #expect(found?.to == BootTime(nanoseconds: 9))
    #expect(found?.event == .relayRestarted)
    #expect(ledger.closeAway(at: BootTime(nanoseconds: 20)) == nil)
  }
}
