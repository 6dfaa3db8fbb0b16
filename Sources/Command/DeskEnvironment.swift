public import Hub
public import Logging
public import Model
public import NIOCore

/// What a desk works with.
public struct DeskEnvironment: Sendable {
  public var hub: Hub
  /// Where its probes listen: a media loop, for a stream lives where its first subscriber does.
  public var loop: any EventLoop
  public var decoder: any PictureDecoder
  public var register: DeviceRegister
  public var dataFolder: String
  public var logger: Logger

  public init(
    hub: Hub, loop: any EventLoop, decoder: any PictureDecoder, register: DeviceRegister, dataFolder: String, logger: Logger
  ) {
    self.hub = hub
    self.loop = loop
    self.decoder = decoder
    self.register = register
    self.dataFolder = dataFolder
    self.logger = logger
  }
}
