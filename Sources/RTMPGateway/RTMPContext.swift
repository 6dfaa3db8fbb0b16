public import Hub
public import Logging
internal import Model
public import NIOCore

/// What every RTMP connection of one node shares.
public final class RTMPContext: Sendable {
  public let hub: Hub
  public let settings: RTMPSettings
  let authority: any RTMPAuthority
  let measuring: SessionMeasuring
  let group: any EventLoopGroup
  let logger: Logger
  let sweepers: RTMPSweepers

  public init(
    hub: Hub, authority: any RTMPAuthority, measuring: SessionMeasuring = SessionMeasuring(), settings: RTMPSettings = RTMPSettings(),
    group: any EventLoopGroup, logger: Logger
  ) {
    self.hub = hub
    self.authority = authority
    self.measuring = measuring
    self.settings = settings
    self.group = group
    self.logger = logger
    sweepers = RTMPSweepers(clock: hub.clock)
  }

  var clock: any NodeClock { hub.clock }
}
