import FirstFrameTesting
import Model
import Testing

/// A link and what a camera films over it.
struct Scenario: Sendable, CustomTestStringConvertible {
  let name: String
  var forward: Impairment
  var back: Impairment
  var frameRate: Int64 = 100
  var frames = 1000
  var gop = 25
  /// Two processes spin beside it.
  var isBusy = false
  /// tshark's jitter holds where nothing was repeated or reordered.
  var suitsTshark = false

  var testDescription: String { name }

  init(_ name: String, delay: Int64 = 20, back: Int64? = nil, _ impair: (inout Impairment) -> Void = { _ in }) {
    self.name = name
    forward = Impairment(delay: .milliseconds(delay))
    self.back = Impairment(delay: .milliseconds(back ?? delay))
    impair(&forward)
  }

  private static func with(_ scenario: Scenario, _ change: (inout Scenario) -> Void) -> Scenario {
    var changed = scenario
    change(&changed)
    return changed
  }

  static let random = Scenario("random loss") {
    $0.loss = 0.02
    $0.duplication = 0.01
    $0.jitter = .uniform(.milliseconds(2))
  }

  static let burst = Scenario("burst loss") {
    $0.burst = Impairment.Burst(toBad: 0.01, toGood: 0.25)
    $0.duplication = 0.01
  }

  static let reordering = Scenario("reordering") {
    $0.reordering = Impairment.Reordering(probability: 0.03, by: .milliseconds(12))
    $0.duplication = 0.03
    $0.loss = 0.005
    $0.jitter = .normal(.milliseconds(3))
  }

  static let jitter = with(
    Scenario("jitter in order") {
      $0.jitter = .exponential(.milliseconds(6))
      $0.keepsOrder = true
      $0.loss = 0.01
    }
  ) { $0.suitsTshark = true }

  static let bottleneck = with(
    Scenario("bottleneck") {
      $0.rate = 1_800_000
      $0.queue = .milliseconds(35)
    }
  ) { $0.suitsTshark = true }

  static let asymmetric = Scenario("asymmetric 60/10 ms", delay: 60, back: 10) { $0.jitter = .uniform(.milliseconds(4)) }

  static let busy = with(
    Scenario("busy machine") {
      // In order: a lab without time would hand over in heaps, in which packets overtake each other by more than any receiver waits.
      $0.jitter = .exponential(.milliseconds(6))
      $0.keepsOrder = true
      $0.loss = 0.01
      $0.duplication = 0.01
    }
  ) { $0.isBusy = true }

  static let outage = with(
    Scenario("outage") { $0.outages = [.milliseconds(4300) ..< .milliseconds(6000)] }
  ) {
    $0.frameRate = 25
    $0.frames = 300
    $0.gop = 50
  }

  static let all = [random, burst, reordering, jitter, bottleneck, asymmetric, busy, outage]

  /// Whether the runs had in them what the scenario is about: a link that did nothing proves nothing.
  func provokes(_ seen: [Comparison]) -> Bool {
    func total(_ name: String) -> Int64 { seen.flatMap(\.counts).filter { $0.name == name }.reduce(0) { $0 + $1.truth } }
    let needed: [(Bool, String)] = [
      (forward.loss > 0 || forward.burst != nil || !forward.outages.isEmpty || forward.rate != nil, "lost"),
      (forward.burst != nil, "bursts"), (forward.duplication > 0, "duplicated"), (forward.reordering != nil, "reordered"),
    ]
    // Where packets cannot overtake each other, frames were compared in every run; where they can, a machine without time may have gone too far.
    let overtakes = forward.reordering != nil || (forward.jitter != .none && !forward.keepsOrder)
    return (overtakes || seen.allSatisfy(\.isInReach)) && needed.allSatisfy { !$0.0 || total($0.1) > 0 }
  }
}
