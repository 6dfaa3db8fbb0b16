public import Hub
public import Journal
public import Logging
public import Model
public import NIOCore

/// What a desk works with.
public struct DeskEnvironment: Sendable {
  /// The streams.
  public var hub: Hub
  /// Where its probes listen: a media loop, for a stream lives where its first subscriber does.
  public var loop: any EventLoop
  /// Decodes key units; the worker pool.
  public var decoder: any PictureDecoder
  /// The devices of this centre.
  public var register: DeviceRegister
  /// Snapshots and private values are kept below it.
  public var dataFolder: String
  /// All facts of this node, those included that are still to come; nil where no closed incident is ever asked for.
  public var history: FactHistory?
  /// For what is no fact.
  public var logger: Logger

  public init(
    hub: Hub, loop: any EventLoop, decoder: any PictureDecoder, register: DeviceRegister, dataFolder: String, history: FactHistory? = nil,
    logger: Logger
  ) {
    self.hub = hub
    self.loop = loop
    self.decoder = decoder
    self.register = register
    self.dataFolder = dataFolder
    self.history = history
    self.logger = logger
  }
}
