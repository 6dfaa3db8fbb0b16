import FirstFrameTesting
import Model

/// What the truth log says of one camera's media, by the definitions of docs/quality.md and by plain sets, sorting and floating point: no line of
/// the product's is used. A packet's place is the count of packets sent before it, not its RTP sequence number.
struct Referee {
  let log: TruthLog
  let footage: Footage
  /// What reached the centre's kernel, in its order.
  let arrivals: [TruthRow]

  init(_ log: TruthLog, _ footage: Footage) {
    self.log = log
    self.footage = footage
    arrivals = log.delivered(.forward, .media)
  }

  // MARK: Whether the log can be believed

  /// What is wrong with the log itself.
  var doubts: [String] {
    var found: [String] = []
    let sent = log.rows(.forward, .media).filter { !$0.isCopy }
    if sent.count != footage.packets { found.append("\(footage.packets) packets were sent, the lab saw \(sent.count)") }
    let strange = sent.filter { $0.rtp?.sequenceNumber != footage.firstSequence &+ UInt16(truncatingIfNeeded: $0.number) }
    if !strange.isEmpty { found.append("\(strange.count) packets came to the lab out of order") }
    let unseen = log.rows.filter { $0.fate == .delivered && $0.stamp == nil }
    if !unseen.isEmpty { found.append("\(unseen.count) packets were handed over and never received") }
    let outside = log.rows.filter { row in
      guard let stamp = row.stamp, let before = row.before, let after = row.after else { return false }
      return stamp < before.kernel || stamp > after.kernel
    }
    if !outside.isEmpty { found.append("\(outside.count) kernel stamps lie outside the call that caused them") }
    if log.refused > 0 || log.unknown > 0 { found.append("\(log.refused) refused, \(log.unknown) unknown packets") }
    if abs(log.step.value) > 1_000_000 { found.append("the wall clock was stepped by \(log.step.milliseconds) ms") }
    return found
  }

  /// The widest call that handed a packet over, milliseconds: how well the stamps are proven by the lab's own clock alone.
  var widestHandOver: Double {
    arrivals.compactMap { row in row.before.flatMap { before in row.after.map { ($0.kernel.nanoseconds - before.kernel.nanoseconds) } } }
      .max().map { Double($0) / 1e6 } ?? 0
  }

  // MARK: Counts

  private var places: [UInt64] { arrivals.map(\.number) }
  var received: Int64 { Int64(Set(places).count) }
  /// From the least place that arrived to the greatest.
  var expected: Int64 {
    guard let least = places.min(), let most = places.max() else { return 0 }
    return Int64(most - least) + 1
  }
  var lost: Int64 { expected - received }
  var duplicated: Int64 { Int64(places.count) - received }
  /// First arrivals behind a later one.
  var reordered: Int64 {
    var seen: Set<UInt64> = []
    var highest: UInt64 = 0
    var count: Int64 = 0
    for place in places {
      if seen.insert(place).inserted, place < highest { count += 1 }
      highest = max(highest, place)
    }
    return count
  }

  /// RFC 3611 §4.7.2 with Gmin 16: losses with fewer than 16 arrivals between them belong together, and two or more together are a burst.
  var bursts: (count: Int64, lost: Int64) {
    let came = Set(places)
    guard let least = came.min(), let most = came.max() else { return (0, 0) }
    var groups: [[UInt64]] = []
    for place in least...most where !came.contains(place) {
      if let last = groups.last?.last, place - last <= 16 { groups[groups.count - 1].append(place) } else { groups.append([place]) }
    }
    let real = groups.filter { $0.count > 1 }
    return (Int64(real.count), Int64(real.reduce(0) { $0 + $1.count }))
  }

  // MARK: Times

  /// RFC 3550 §6.4.1 after each packet, in milliseconds.
  var jitter: (mean: Double, maximum: Double) {
    var (value, sum, most) = (0.0, 0.0, 0.0)
    for (a, b) in zip(arrivals, arrivals.dropFirst()) {
      guard let from = a.stamp, let to = b.stamp, let first = a.rtp, let second = b.rtp else { continue }
      let media = Double(Int32(bitPattern: second.timestamp &- first.timestamp)) / Double(Footage.clockRate) * 1e3
      let transit = Double(to.nanoseconds - from.nanoseconds) / 1e6 - media
      value += (abs(transit) - value) / 16
      sum += value
      most = max(most, value)
    }
    return (arrivals.count > 1 ? sum / Double(arrivals.count - 1) : 0, most)
  }

  /// Per frame of which anything came: when the first of it came, less its media time and the least of all; ascending, in nanoseconds.
  var delayVariation: [Int64] {
    var came: [UInt64: Int64] = [:]
    for row in arrivals {
      if let stamp = row.stamp { came[row.number] = min(came[row.number] ?? .max, stamp.nanoseconds) }
    }
    var values: [Int64] = []
    for (index, frame) in footage.frames.enumerated() {
      let first = (frame.first..<frame.first + frame.count).compactMap { came[UInt64($0)] }.min()
      if let first { values.append(first - Int64(index) * footage.frameNanoseconds) }
    }
    let least = values.min() ?? 0
    return values.map { $0 - least }.sorted()
  }

  /// The value at rank ⌈p·n⌉.
  static func quantile(_ sorted: [Int64], _ share: Double) -> Int64 {
    guard !sorted.isEmpty else { return 0 }
    return sorted[min(sorted.count, max(1, Int((share * Double(sorted.count)).rounded(.up)))) - 1]
  }

  // MARK: Frames

  /// Whether no packet came so late behind others that a receiver may have given it up: docs/quality.md's window is 64 packets or 50 ms.
  var isInReach: Bool {
    var seen: Set<UInt64> = []
    // Arrivals that wait for one before them, at most some hundred.
    var waiting: [(place: UInt64, stamp: Int64)] = []
    for row in arrivals where seen.insert(row.number).inserted {
      let stamp = row.stamp?.nanoseconds ?? 0
      let ahead = waiting.filter { $0.place > row.number }
      if let first = ahead.map(\.stamp).min(), ahead.count >= 60 || stamp - first >= 45_000_000 { return false }
      waiting.append((row.number, stamp))
      if waiting.count > 300 { waiting.removeFirst(waiting.count - 300) }
    }
    return true
  }

  /// Indexes of frames that came whole, with all before them back to a key frame.
  var clean: [Int] {
    let came = Set(places)
    var isClean = false
    return footage.frames.indices.filter { index in
      let frame = footage.frames[index]
      let isWhole = (frame.first..<frame.first + frame.count).allSatisfy { came.contains(UInt64($0)) }
      isClean = isWhole && (frame.isKey || isClean)
      return isClean
    }
  }

  /// Whether camera, lab and link together ever stood for as long as makes a freeze of its own (150 ms): then the outage's is not the only one.
  var stood: Bool { (delayVariation.max() ?? 0) > 150_000_000 }

  /// By the camera's own clock: from the last frame of which anything passed before the link went down to the first of which anything passed
  /// after it, and from there to the next key frame; milliseconds.
  var outage: (silence: Double, wait: Double)? {
    let sent = log.rows(.forward, .media).filter { !$0.isCopy }
    guard let down = sent.firstIndex(where: { $0.fate == .outage }), let up = sent.lastIndex(where: { $0.fate == .outage }), down > 0,
      up + 1 < sent.count, let last = frame(of: sent[down - 1]), let first = frame(of: sent[up + 1])
    else { return nil }
    // A frame of which the link took the beginning is as good as gone.
    let whole = footage.frames[first].first == Int(sent[up + 1].number) ? first : first + 1
    guard let key = footage.frames.indices.first(where: { $0 >= whole && footage.frames[$0].isKey }) else { return nil }
    let length = Double(footage.frameNanoseconds) / 1e6
    return (Double(first - last) * length, Double(key - first) * length)
  }

  private func frame(of row: TruthRow) -> Int? {
    footage.frames.firstIndex { $0.first <= Int(row.number) && Int(row.number) < $0.first + $0.count }
  }

  // MARK: Round trip

  /// Whether no round trip was so much longer than the least that the path has to be taken for a longer one (200 ms, docs/quality.md).
  var isPathSteady: Bool {
    let trips = roundTrips.map(\.answered)
    return (trips.max() ?? 0) - (trips.min() ?? 0) <= 200
  }

  /// Over the camera's connection: what the centre sent, and the packet that acknowledged it, by the kernels' stamps. `network` is the time that both
  /// were under way; `answered` the whole time, with what the camera put off; milliseconds. Only what was answered while media came: after that the
  /// product asks no more.
  var roundTrips: [(network: Double, answered: Double)] {
    let back = log.delivered(.back, .tcp)
    let forth = log.delivered(.forward, .tcp)
    return back.enumerated().compactMap { index, segment in
      guard let told = segment.tcp, told.payload > 0 || index == 0, let sent = segment.left, let arrived = segment.stamp else { return nil }
      let end = told.sequence &+ UInt32(told.payload) &+ (told.payload == 0 ? 1 : 0)
      let answer = forth.first { row in
        guard let tcp = row.tcp, let left = row.left, left >= arrived else { return false }
        return Int32(bitPattern: tcp.acknowledgement &- end) >= 0
      }
      guard let answer, let left = answer.left, let came = answer.stamp, let last = arrivals.last?.stamp, came < last else { return nil }
      let network = (arrived.nanoseconds - sent.nanoseconds) + (came.nanoseconds - left.nanoseconds)
      return (Double(network) / 1e6, Double(came.nanoseconds - sent.nanoseconds) / 1e6)
    }
  }
}
