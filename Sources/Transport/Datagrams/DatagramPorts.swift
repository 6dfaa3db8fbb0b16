public import Model
internal import NIOConcurrencyHelpers

/// Hands out pairs of a range of UDP ports in turn, so that a port that was just let go rests longest.
public final class DatagramPorts: Sendable {
  private let range: ClosedRange<UInt16>?
  private let setting: String
  private let next: NIOLockedValueBox<UInt16>

  /// - Parameters:
  ///   - range: nil lets the kernel choose.
  ///   - setting: the key of the configuration that holds the range, for whoever reads that it is used up: "rtsp.rtpPorts".
  public init(range: ClosedRange<UInt16>?, setting: String) {
    KernelStamps.keep()
    self.range = range
    self.setting = setting
    next = NIOLockedValueBox(range.map(DatagramPorts.first) ?? 0)
  }

  /// Binds the next free pair.
  /// - Parameter host: the local address; its port does not matter.
  /// - Throws: ``FaultCode/portInUse`` when every pair of the range is taken, ``FaultCode/transportUnsupported`` when there can be no such sockets.
  public func bindPair(host: PeerAddress) throws(Fault) -> DatagramSocketPair {
    let attempts = range.map { max(1, ($0.count + 1) / 2) } ?? 64
    for _ in 0..<attempts {
      if let pair = try DatagramSocketPair.bind(host: host, port: candidate()) { return pair }
    }
    throw Fault(.portInUse, range.map { "\(setting) \($0.lowerBound)-\($0.upperBound)" } ?? "no free pair of UDP ports")
  }

  private func candidate() -> UInt16 {
    guard let range else { return 0 }
    return next.withLockedValue { next in
      let port = next
      let (after, overflow) = next.addingReportingOverflow(2)
      next = overflow || after >= range.upperBound ? DatagramPorts.first(of: range) : after
      return port
    }
  }

  /// The first even port.
  private static func first(of range: ClosedRange<UInt16>) -> UInt16 { range.lowerBound &+ range.lowerBound % 2 }
}
