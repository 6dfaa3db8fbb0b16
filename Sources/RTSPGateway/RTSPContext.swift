public import Gateway
internal import Model
internal import NIOCore
internal import Transport

/// What the RTSP port, pullers and pushers of one node share: the environment of all gateways, RTSP's settings, and the UDP ports of their media.
public final class RTSPContext: Sendable {
  /// Ports, limits and time-outs.
  public let settings: RTSPSettings
  /// What RTSP shares with the other gateways.
  public let environment: GatewayEnvironment
  let ports: DatagramPorts

  /// Opens no port yet.
  public init(_ settings: RTSPSettings = RTSPSettings(), _ environment: GatewayEnvironment) {
    self.settings = settings
    self.environment = environment
    ports = DatagramPorts(range: settings.rtpPorts, setting: "rtsp.rtpPorts")
  }

  var clock: any NodeClock { environment.clock }

  /// 64 random bits as hexadecimal: session ids and nonces.
  static func token() -> String {
    var generator = SystemRandomNumberGenerator()
    let value = generator.next()
    return Hex.encode(withUnsafeBytes(of: value) { Array($0) })
  }
}
