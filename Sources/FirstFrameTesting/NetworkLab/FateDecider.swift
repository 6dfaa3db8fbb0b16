public import Model

/// Decides the fate of one direction's packets. The n-th packet of a class always has the same luck for the same seed, whatever else is sent and
/// however late the machine is; only bottleneck and outages depend on time.
public struct FateDecider: Sendable {
  /// What becomes of one packet.
  public struct Decision: Hashable, Sendable {
    /// Delivered, or why not.
    public var fate: PacketFate
    /// When the packet, and its copy, is to be handed over.
    public var due: BootTime
    /// A copy is handed over with it.
    public var isDoubled = false
  }

  /// A packet's luck: always drawn in full and in this order.
  private struct Luck {
    var burst: Double
    var loss: Double
    var duplication: Double
    var reordering: Double
    var jitter: (Double, Double)

    init(_ random: inout Mutator) {
      func draw() -> Double { Double(random.next() >> 11) / Double(1 << 53) }
      burst = draw()
      loss = draw()
      duplication = draw()
      reordering = draw()
      jitter = (draw(), draw())
    }
  }

  /// May change between packets.
  public var impairment: Impairment
  private let seed: UInt64
  private var counts: [PacketClass: UInt64] = [:]
  private var isBad = false
  private var firstMedia: BootTime?
  private var linkFree = BootTime(nanoseconds: .min)
  private var newestDue = BootTime(nanoseconds: .min)

  public init(seed: UInt64, impairment: Impairment) {
    self.seed = seed
    self.impairment = impairment
  }

  /// How many packets of a class were decided.
  public func count(_ kind: PacketClass) -> UInt64 { counts[kind] ?? 0 }

  /// - Parameters:
  ///   - length: bytes of the IP packet.
  ///   - now: when it entered the link.
  public mutating func decide(_ kind: PacketClass, length: Int, at now: BootTime) -> Decision {
    let number = counts[kind] ?? 0
    counts[kind] = number &+ 1
    let place = UInt64(PacketClass.allCases.firstIndex(of: kind) ?? 0)
    var random = Mutator(seed: (seed &* 8 &+ place) &* 0x1_0000_0001 &+ number)
    let luck = Luck(&random)
    if kind == .media, firstMedia == nil { firstMedia = now }
    let unlucky = kind == .media && isLost(luck)
    if isDown(at: now) { return Decision(fate: .outage, due: now) }
    if unlucky { return Decision(fate: .lost, due: now) }
    guard let passed = bottleneck(length, now) else { return Decision(fate: .queueFull, due: now) }
    var due = passed + impairment.delay
    guard kind == .media else { return Decision(fate: .delivered, due: due) }
    due = max(passed, due + jitter(luck.jitter))
    if let reordering = impairment.reordering, luck.reordering < reordering.probability { due = due + reordering.by }
    if impairment.keepsOrder { due = max(due, newestDue) }
    newestDue = max(newestDue, due)
    return Decision(fate: .delivered, due: due, isDoubled: luck.duplication < impairment.duplication)
  }

  private mutating func isLost(_ luck: Luck) -> Bool {
    if let burst = impairment.burst {
      isBad = isBad ? luck.burst >= burst.toGood : luck.burst < burst.toBad
    } else {
      isBad = false
    }
    return isBad || luck.loss < impairment.loss
  }

  private func isDown(at now: BootTime) -> Bool {
    guard let firstMedia else { return false }
    return impairment.outages.contains { $0.contains(now - firstMedia) }
  }

  /// When the packet has passed the bottleneck; nil when it found no room before it.
  private mutating func bottleneck(_ length: Int, _ now: BootTime) -> BootTime? {
    guard let rate = impairment.rate, rate > 0 else { return now }
    let passed = max(linkFree, now) + Nanoseconds(Int64(length) &* 8_000_000_000 / rate)
    guard passed - now <= impairment.queue else { return nil }
    linkFree = passed
    return passed
  }

  private func jitter(_ luck: (Double, Double)) -> Nanoseconds {
    switch impairment.jitter {
    case .none: .zero
    case .uniform(let most): Nanoseconds(Int64(Double(most.value) * (2 * luck.0 - 1)))
    case .normal(let deviation): Nanoseconds(Int64(Double(deviation.value) * Normal.of(luck)))
    case .exponential(let mean): Nanoseconds(Int64(Double(mean.value) * Normal.exponential(luck.0)))
    }
  }
}
