public import Model
public import NIOCore

/// The round trip of a TCP connection as its kernel knows it.
///
/// The smoothed round trip (`tcpi_rtt`) contains the peer's delayed acknowledgements, 40 ms on an idle connection of Linux: it said 45.6 ms where
/// 40.1 ms was true. So the value is the least of the kernel's last five minutes (`tcpi_min_rtt`), unless the smoothed one is above it by more than
/// any delayed acknowledgement explains: then the path has become longer.
public enum ConnectionRoundTrip {
  /// Longest delay of an acknowledgement by peers in use (Windows, macOS; RFC 1122 §4.2.3.2 allows 500 ms).
  static let delayedAcknowledgement = Nanoseconds.milliseconds(200)

  /// `struct tcp_info` of <linux/tcp.h>, as long as it was in Linux 4.9, where `tcpi_min_rtt` came.
  private struct Info: Sendable {
    static let smoothedAt = 68
    static let leastAt = 148
    var words = InlineArray<24, UInt64>(repeating: 0)
  }

  /// - Parameters:
  ///   - smoothed: `tcpi_rtt`, microseconds; 0 before the first acknowledgement.
  ///   - least: `tcpi_min_rtt`; 0 or all ones while there is none.
  static func value(smoothed: UInt32, least: UInt32) -> Nanoseconds? {
    guard smoothed > 0 else { return nil }
    let mean = Nanoseconds(Int64(smoothed) &* 1000)
    guard least > 0, least <= smoothed else { return mean }
    let minimum = Nanoseconds(Int64(least) &* 1000)
    return mean - minimum > delayedAcknowledgement ? mean : minimum
  }

  /// Asks the kernel; `nil` in the future when it knows none, nil when the channel is no socket.
  public static func measure(_ channel: any Channel) -> EventLoopFuture<Nanoseconds?>? {
    guard let options = channel as? any SocketOptionProvider else { return nil }
    let answer: EventLoopFuture<Info> = options.unsafeGetSocketOption(level: .tcp, name: .tcp_info)
    return answer.map { info in
      withUnsafeBytes(of: info.words) { bytes in
        value(
          smoothed: bytes.load(fromByteOffset: Info.smoothedAt, as: UInt32.self), least: bytes.load(fromByteOffset: Info.leastAt, as: UInt32.self))
      }
    }
  }
}
