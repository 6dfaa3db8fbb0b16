internal import Model
internal import NIOConcurrencyHelpers

/// Hands out port pairs of `rtsp.rtpPorts` in turn, so that a port that was just let go rests longest.
final class DatagramPorts: Sendable {
  private let range: ClosedRange<UInt16>?
  private let next: NIOLockedValueBox<UInt16>

  /// - Parameter range: nil lets the kernel choose.
  init(range: ClosedRange<UInt16>?) {
    self.range = range
    next = NIOLockedValueBox(range.map { $0.lowerBound &+ $0.lowerBound % 2 } ?? 0)
  }

  /// Throws ``FaultCode/portInUse`` when every pair of the range is taken.
  func take(host: PeerAddress) throws(Fault) -> DatagramPair {
    let attempts = range.map { max(1, ($0.count + 1) / 2) } ?? 64
    for _ in 0..<attempts {
      if let pair = try DatagramPair.bind(host: host, port: candidate()) { return pair }
    }
    throw Fault(.portInUse, range.map { "rtsp.rtpPorts \($0.lowerBound)-\($0.upperBound)" } ?? "no free pair of UDP ports")
  }

  private func candidate() -> UInt16 {
    guard let range else { return 0 }
    let first = range.lowerBound &+ range.lowerBound % 2
    return next.withLockedValue { next in
      let port = next
      let (after, overflow) = next.addingReportingOverflow(2)
      next = overflow || after >= range.upperBound ? first : after
      return port
    }
  }
}
