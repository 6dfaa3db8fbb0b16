internal import Model

/// Bounds of a key unit's one-way delay: from the instant before its first write at the node that sent it to the arrival of its last packet here.
struct TransitTime {
  let low: Int64
  let high: Int64

  init(_ event: SampleEvent) {
    // On the sender's clock the arrival was `at + distance`.
    let apart = event.at.nanoseconds &- event.value1
    low = apart &+ event.value2
    high = apart &+ event.value3
  }
}
