public import Hummingbird
public import Model
internal import NIOCore

/// What a route knows of its request besides the request itself.
public struct WebContext: RequestContext {
  /// Hummingbird's own: the parameters of the path.
  public var coreContext: CoreRequestContextStorage
  /// The client's address, for facts and limits; never trusted for rights.
  public let remote: String
  /// When the request's head was read, on the node's boot clock: before its body has come, and before anything else is waited for.
  public let readAt: BootTime
  /// The connection that the request came by.
  let channel: any Channel

  /// Called by Hummingbird once a request.
  public init(source: ApplicationRequestContextSource) {
    readAt = SystemClock().bootTime()
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
    remote = source.channel.remoteAddress?.ipAddress ?? "unknown"
  }

  /// The largest body of a request, in bytes.
  public var maxUploadSize: Int { WebContext.largestBody }
  static let largestBody = 256 << 10
}
