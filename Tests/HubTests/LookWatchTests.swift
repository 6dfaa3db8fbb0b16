import FirstFrameTesting
import Measure
import Model
import NIOCore
import Testing

@testable import Hub

/// A film whose every frame is known: black or not, and which picture it shows. Frames every 40 ms from 100 s on.
struct Film {
  /// What each frame shows: 0 black, else a picture of its own.
  var shows: [Int]

  static func at(_ frame: Int) -> BootTime { BootTime(nanoseconds: 100_000_000_000 + Int64(frame) * 40_000_000) }

  static func thumbnail(_ picture: Int) -> [UInt8] {
    var random = Mutator(seed: UInt64(picture))
    return (0..<12).map { _ in picture == 0 ? 0 : UInt8.random(in: 30...255, using: &random) }
  }

  func look(_ frame: Int, position: Int = 0) -> FrameLook {
    let isBlack = shows[frame] == 0
    return FrameLook(
      position: position, darkPerMille: isBlack ? 1000 : 3, variancePPM: isBlack ? 0 : 40_000, thumbnail: Film.thumbnail(shows[frame]))
  }
  func seen(_ frame: Int) -> LookWatch.Look { LookWatch.Look(at: Film.at(frame), look(frame)) }
}

/// What was reported to a session, put together to spans.
struct ReportedSpans {
  var black: [(from: BootTime, to: BootTime?)] = []
  var frozen: [(from: BootTime, to: BootTime?)] = []
  var judged: Set<String> = []
  private(set) var isOrdered = true
  private var newest: [String: BootTime] = [:]

  mutating func add(_ events: [SampleEvent]) {
    for event in events where event.kind == .probe {
      if event.value1 >= 0 { black = applied("black", event.value1, event.at, black) }
      if event.value2 >= 0 { frozen = applied("frozen", event.value2, event.at, frozen) }
    }
  }

  private mutating func applied(
    _ name: String, _ value: Int64, _ at: BootTime, _ spans: [(from: BootTime, to: BootTime?)]
  ) -> [(from: BootTime, to: BootTime?)] {
    judged.insert(name)
    if let before = newest[name], at < before { isOrdered = false }
    newest[name] = at
    if value == 1 { return spans + [(at, nil)] }
    guard let last = spans.last, last.to == nil else { return spans }
    return spans.dropLast() + [(last.from, at)]
  }
}

@Suite("The watch over pictures")
struct LookWatchTests {
  /// Looks at every `gop`-th frame; the frames between can be had when `exact`.
  private func run(_ film: Film, gop: Int, exact: Bool = true) -> ReportedSpans {
    var watch = LookWatch()
    var reported = ReportedSpans()
    var before: Range<Int>?
    for frame in stride(from: 0, to: film.shows.count, by: gop) {
      let look = film.seen(frame)
      let wanted = watch.wanted(for: look)
      let since = max(0, frame - gop)..<frame
      let change = watch.conclude(
        look, sinceLast: exact && wanted.contains(.sinceLast) ? since.map(film.seen) : nil,
        beforeStill: exact && wanted.contains(.beforeStill) ? before.map { $0.map(film.seen) } : nil)
      if change.isNewPicture { before = frame == 0 ? nil : since }
      reported.add(change.events)
    }
    return reported
  }

  private func moving(_ count: Int) -> [Int] { (0..<count).map { $0 + 1 } }

  @Test("A black that begins and ends between key frames is reported to the frame")
  func blackEdges() {
    var shows = moving(1000)
    for frame in 313..<471 { shows[frame] = 0 }
    let reported = run(Film(shows: shows), gop: 50)
    #expect(reported.black.map(\.from) == [Film.at(313)])
    #expect(reported.black.map(\.to) == [Film.at(471)])
    #expect(reported.frozen.isEmpty && reported.judged == ["black", "frozen"])
  }

  @Test("Without the frames between, edges are the looks'")
  func coarse() {
    var shows = moving(1000)
    for frame in 313..<471 { shows[frame] = 0 }
    let reported = run(Film(shows: shows), gop: 50, exact: false)
    #expect(reported.black.map(\.from) == [Film.at(350)])
    #expect(reported.black.map(\.to) == [Film.at(500)])
  }

  @Test("A still picture is reported to the frame, once it has stood ten seconds", arguments: [(249, false), (250, true), (600, true)])
  func frozen(frames: Int, isReported: Bool) {
    var shows = moving(1200)
    for frame in 333..<333 + frames { shows[frame] = 5000 }
    let reported = run(Film(shows: shows), gop: 50)
    #expect(reported.frozen.map(\.from) == (isReported ? [Film.at(333)] : []))
    #expect(reported.frozen.map(\.to) == (isReported ? [Film.at(333 + frames)] : []))
    #expect(reported.black.isEmpty)
  }

  @Test("A stretch that only its outermost frames make ten seconds long counts")
  func justLong() {
    // Key looks at 350 … 600 see 10.0 s less one interval of it at each end.
    var shows = moving(1000)
    for frame in 351..<351 + 251 { shows[frame] = 7000 }
    let reported = run(Film(shows: shows), gop: 100)
    #expect(reported.frozen.map(\.from) == [Film.at(351)])
    #expect(reported.frozen.map(\.to) == [Film.at(602)])
  }

  @Test("A black camera is still as well, and both go on")
  func open() {
    let reported = run(Film(shows: moving(100) + [Int](repeating: 0, count: 700)), gop: 25)
    #expect(reported.black.map(\.from) == [Film.at(100)] && reported.black.first?.to == nil)
    #expect(reported.frozen.map(\.from) == [Film.at(100)] && reported.frozen.first?.to == nil)
  }

  @Test("Random films: every span between looks is found to the frame, in order of time", arguments: 0..<40 as Range<UInt64>)
  func random(seed: UInt64) {
    var random = Mutator(seed: seed)
    let gop = [25, 50, 75][Int(seed % 3)]
    var shows: [Int] = []
    var picture = 1
    // Spans longer than two intervals, so that a look falls into each.
    while shows.count < 3000 {
      let length = Int.random(in: 2 * gop...6 * gop, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0: shows += [Int](repeating: 0, count: length)
      case 1:
        picture += 1
        shows += [Int](repeating: picture, count: length)
      default:
        for _ in 0..<length {
          picture += 1
          shows.append(picture)
        }
      }
    }
    let film = Film(shows: shows)
    let reported = run(film, gop: gop)
    #expect(reported.isOrdered)
    let black = LookWatchTests.runs(shows).filter { $0.picture == 0 && $0.range.lowerBound > 0 && $0.range.upperBound <= shows.count - gop }
    for span in black {
      #expect(reported.black.contains { $0.from == Film.at(span.range.lowerBound) && $0.to == Film.at(span.range.upperBound) }, "\(span)")
    }
    let still = LookWatchTests.runs(shows).filter { $0.range.count >= 250 && $0.range.lowerBound > gop && $0.range.upperBound <= shows.count - gop }
    for span in still {
      #expect(reported.frozen.contains { $0.from == Film.at(span.range.lowerBound) && $0.to == Film.at(span.range.upperBound) }, "\(span)")
    }
    for span in reported.frozen { #expect(((span.to ?? Film.at(shows.count)) - span.from) >= .seconds(10)) }
  }

  static func runs(_ shows: [Int]) -> [(picture: Int, range: Range<Int>)] {
    var runs: [(picture: Int, range: Range<Int>)] = []
    var start = 0
    for frame in 1...shows.count where frame == shows.count || shows[frame] != shows[start] {
      runs.append((shows[start], start..<frame))
      start = frame
    }
    return runs
  }

  @Test("Differences are mean absolute, in millionths of full scale, rounded down")
  func difference() {
    func look(_ cells: [UInt8]) -> LookWatch.Look {
      LookWatch.Look(at: Film.at(0), FrameLook(position: 0, darkPerMille: 0, variancePPM: 0, thumbnail: cells))
    }
    #expect(look([0, 0, 0, 255]).difference(from: look([0, 0, 0, 0])) == 250_000)
    #expect(look([10, 20, 30]).difference(from: look([11, 19, 30])) == 2614)
    #expect(look([1]).difference(from: look([1, 2])) == 1_000_000)
    #expect(look([]).difference(from: look([])) == 1_000_000)
  }
}

@Suite("Units held for a search")
struct PictureHistoryTests {
  private func unit(_ number: Int, bytes: Int = 1000) -> AccessUnit {
    AccessUnit(
      id: AccessUnitID(origin: UnitOrigin(node: "n", path: testName), epoch: 1, number: UInt64(number)), track: 0,
      pts: MediaTime(value: Int64(number) * 3600, timescale: 90_000), firstArrival: Film.at(number), arrival: Film.at(number),
      payload: ByteBuffer(repeating: 1, count: bytes))
  }
  private func numbers(_ units: [AccessUnit]?) -> [Int]? { units.map { $0.map { Int($0.id.number) } } }

  @Test("asks whether there is memory only for units that it would hold") func asks() {
    var history = PictureHistory()
    var asked = 0
    func mayHold() -> Bool {
      asked += 1
      return true
    }
    history.append(unit(0), mayHold: mayHold())
    #expect(asked == 0)
    history.beginLook()
    history.append(unit(1), mayHold: mayHold())
    #expect(asked == 1)
    history.failLook()
    history.append(unit(2), mayHold: mayHold())
    #expect(asked == 1)
  }

  @Test("hold the interval between two looks, and the one before a still stretch")
  func intervals() {
    var history = PictureHistory()
    for number in 0..<3 { history.append(unit(number), mayHold: true) }
    #expect(history.bytes == 0, "nothing before the first look")
    history.beginLook()
    for number in 3..<5 { history.append(unit(number), mayHold: true) }
    #expect(history.sinceLast == nil)
    history.endLook(isNewPicture: true, keepsBefore: false)
    history.append(unit(5), mayHold: true)
    history.beginLook()
    history.append(unit(6), mayHold: true)
    #expect(numbers(history.sinceLast) == [3, 4, 5])
    history.endLook(isNewPicture: true, keepsBefore: true)
    #expect(numbers(history.beforeStill) == [3, 4, 5])
    history.append(unit(7), mayHold: true)
    history.beginLook()
    history.append(unit(8), mayHold: true)
    history.failLook()
    history.beginLook()
    #expect(numbers(history.sinceLast) == [6, 7, 8], "a look that failed does not end the interval")
    history.append(unit(9), mayHold: true)
    history.endLook(isNewPicture: false, keepsBefore: true)
    #expect(numbers(history.beforeStill) == [3, 4, 5])
    history.beginLook()
    history.endLook(isNewPicture: false, keepsBefore: false)
    #expect(history.beforeStill == nil)
  }

  @Test("give up when they are too much, and begin anew with the next look")
  func limits() {
    var history = PictureHistory()
    history.beginLook()
    history.append(unit(0), mayHold: true)
    history.endLook(isNewPicture: true, keepsBefore: false)
    history.append(unit(1, bytes: PictureHistory.most), mayHold: true)
    #expect(history.bytes == 0)
    history.append(unit(2), mayHold: true)
    #expect(history.bytes == 0)
    history.beginLook()
    #expect(history.sinceLast == nil)
    history.append(unit(3), mayHold: true)
    history.append(unit(4), mayHold: false)
    history.append(unit(5), mayHold: true)
    history.endLook(isNewPicture: true, keepsBefore: false)
    history.append(unit(6), mayHold: true)
    history.beginLook()
    #expect(history.sinceLast == nil, "its beginning was let go while it was looked at")
    history.append(unit(7), mayHold: true)
    history.endLook(isNewPicture: true, keepsBefore: false)
    history.append(unit(8), mayHold: true)
    history.beginLook()
    #expect(numbers(history.sinceLast) == [7, 8])
  }

  @Test("are not searched when there are too many")
  func tooMany() {
    var history = PictureHistory()
    history.beginLook()
    for number in 0..<PictureHistory.longestSearch { history.append(unit(number, bytes: 1), mayHold: true) }
    history.endLook(isNewPicture: true, keepsBefore: false)
    history.beginLook()
    #expect(history.sinceLast?.count == PictureHistory.longestSearch)
    history.append(unit(1000, bytes: 1), mayHold: true)
    history.failLook()
    history.beginLook()
    #expect(history.sinceLast == nil)
  }
}

let testName: StreamName = {
  guard let name = StreamName("live/cam1") else { preconditionFailure("live/cam1 is a stream name") }
  return name
}()
