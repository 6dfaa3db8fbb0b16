public import Model

/// What a link does to the packets of one direction.
///
/// ``delay``, ``rate`` and ``outages`` hold for every packet; the rest only for media (``PacketClass/media``), so that signalling over TCP and
/// reports stay out of the figures.
public struct Impairment: Hashable, Sendable {
  /// Added to ``Impairment/delay``; what would be negative is no delay.
  public enum Jitter: Hashable, Sendable {
    case none
    /// Between −x and +x.
    case uniform(Nanoseconds)
    /// Standard deviation.
    case normal(Nanoseconds)
    /// Mean; never early, with a long tail.
    case exponential(Nanoseconds)
  }

  /// Two states, of which the bad one loses every packet (Gilbert–Elliott with h = 0, k = 1).
  public struct Burst: Hashable, Sendable {
    /// Probabilities for each packet of going from good to bad and back.
    public var toBad: Double
    /// See ``toBad``.
    public var toGood: Double

    public init(toBad: Double, toGood: Double) {
      self.toBad = toBad
      self.toGood = toGood
    }
  }

  /// Some packets are held back.
  public struct Reordering: Hashable, Sendable {
    /// Of each packet, 0…1.
    public var probability: Double
    /// How much later than the others.
    public var by: Nanoseconds

    public init(probability: Double, by: Nanoseconds) {
      self.probability = probability
      self.by = by
    }
  }

  /// Each way, for every packet.
  public var delay = Nanoseconds.zero
  /// Of media.
  public var jitter = Jitter.none
  /// Jitter delays what comes behind instead of letting it pass.
  public var keepsOrder = false
  /// Independent loss of each packet.
  public var loss = 0.0
  /// Loss that comes in runs; nil is none.
  public var burst: Burst?
  /// Probability that a packet comes twice.
  public var duplication = 0.0
  /// Nil is none.
  public var reordering: Reordering?
  /// Bits a second of a bottleneck; nil is none.
  public var rate: Int64?
  /// How much may wait before the bottleneck; what finds no room is dropped.
  public var queue = Nanoseconds.milliseconds(500)
  /// Times in which nothing passes, counted from the direction's first media packet.
  public var outages: [Range<Nanoseconds>] = []

  public init(delay: Nanoseconds = .zero) { self.delay = delay }
}
