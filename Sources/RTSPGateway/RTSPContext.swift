public import Hub
public import Logging
public import Model
internal import NIOConcurrencyHelpers
public import NIOCore

/// What the RTSP server, pullers and pushers of one node share: the hub, who may do what, the UDP ports and the one loop that receives from
/// them.
public final class RTSPContext: Sendable {
  public let hub: Hub
  public let settings: RTSPSettings
  let authority: any GatewayAuthority
  let measuring: SessionMeasuring
  let group: any EventLoopGroup
  let logger: Logger
  let ports: DatagramPorts
  let datagrams: DatagramLoop
  let sweepers: ConnectionSweepers

  /// - Throws: ``Fault`` when the datagram loop cannot be made.
  public init(
    hub: Hub, authority: any GatewayAuthority, measuring: SessionMeasuring = SessionMeasuring(), settings: RTSPSettings = RTSPSettings(),
    group: any EventLoopGroup, logger: Logger
  ) throws(Fault) {
    self.hub = hub
    self.authority = authority
    self.measuring = measuring
    self.settings = settings
    self.group = group
    self.logger = logger
    ports = DatagramPorts(range: settings.rtpPorts)
    datagrams = try DatagramLoop(clock: hub.clock, logger: logger)
    sweepers = ConnectionSweepers(clock: hub.clock)
  }

  deinit { datagrams.stop() }

  var clock: any NodeClock { hub.clock }

  /// 64 random bits as hexadecimal: session ids and nonces.
  static func token() -> String {
    var generator = SystemRandomNumberGenerator()
    let value = generator.next()
    return Hex.encode(withUnsafeBytes(of: value) { Array($0) })
  }
}
