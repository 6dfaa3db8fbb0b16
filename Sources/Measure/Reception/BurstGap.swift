/// Bursts and gaps of loss, RFC 3611 §4.7.2 with Gmin 16, fed in order of sequence once a packet's fate is decided.
///
/// A burst begins and ends with a loss and holds no 16 packets in a row that arrived; a single loss with 16 arrivals on both sides lies in a gap.
struct BurstGap: Sendable, Hashable {
  static let gmin: Int64 = 16

  private(set) var decided: Int64 = 0
  private(set) var lost: Int64 = 0
  private(set) var bursts: Int64 = 0
  private(set) var burstPackets: Int64 = 0
  private(set) var burstLost: Int64 = 0

  /// Arrivals since the last loss, losses and length of the burst that may be under way.
  private var run = gmin
  private var openLosses: Int64 = 0
  private var openLength: Int64 = 0

  mutating func received() {
    decided &+= 1
    guard openLosses > 0 else { return }
    run &+= 1
    if run >= BurstGap.gmin { end() }
  }

  /// `count` losses in a row.
  mutating func missing(_ count: Int64 = 1) {
    guard count > 0 else { return }
    decided &+= count
    lost &+= count
    openLength = openLosses > 0 ? openLength &+ run &+ count : count
    openLosses &+= count
    run = 0
  }

  /// Ends the burst under way; two losses make one.
  mutating func end() {
    if openLosses >= 2 {
      bursts &+= 1
      burstPackets &+= openLength
      burstLost &+= openLosses
    }
    openLosses = 0
    openLength = 0
    run = BurstGap.gmin
  }
}
