public import Model

/// The observer's own lag between samples: how long a packet had lain in the kernel when it was read, over TCP how late its loop was. Fixed memory, no allocation.
///
/// Buckets of 0.25 ms up to 32 ms; a percentile is its bucket's upper edge, so it is never too small; beyond 32 ms it is the largest lag.
public struct ObserverHealth: Sendable {
  static let bucketNs: Int64 = 250_000
  static let buckets = 128

  private var counts = InlineArray<128, UInt32>(repeating: 0)
  private var count: Int64 = 0
  private var late: Int64 = 0
  private var largest: Int64 = 0

  public init() {}

  /// - Parameter lag: now − kernel arrival of a packet at the moment it was read, or its loop's lag.
  public mutating func read(lag: Nanoseconds) {
    let value = max(0, lag.value)
    // (0, 0.25 ms] is bucket 0: an edge itself belongs below.
    let bucket = value == 0 ? 0 : (value - 1) / ObserverHealth.bucketNs
    if bucket < Int64(ObserverHealth.buckets) { counts[Int(bucket)] &+= 1 }
    largest = max(largest, value)
    count &+= 1
    if value > ObserverSample.lagLimit.value { late &+= 1 }
  }

  /// What was read since the last call; the 99th percentile (nearest rank) is nil when nothing was.
  public mutating func removeSecond() -> ObserverSample {
    guard count > 0 else { return ObserverSample() }
    let rank = (count * 99 + 99) / 100
    var below: Int64 = 0
    var result = largest
    for bucket in 0..<ObserverHealth.buckets {
      below &+= Int64(counts[bucket])
      if below >= rank {
        result = min(largest, Int64(bucket + 1) * ObserverHealth.bucketNs)
        break
      }
    }
    defer { self = ObserverHealth() }
    return ObserverSample(probeLagP99Ns: result, readings: count, lateReadings: late)
  }
}
