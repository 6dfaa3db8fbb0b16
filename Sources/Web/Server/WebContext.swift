public import Hummingbird
internal import NIOCore

/// What a route knows of its request besides the request itself.
public struct WebContext: RequestContext {
  public var coreContext: CoreRequestContextStorage
  /// The client's address, for facts and limits; never trusted for rights.
  public let remote: String

  public init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    remote = source.channel.remoteAddress?.ipAddress ?? "unknown"
  }

  public var maxUploadSize: Int { 256 << 10 }
}
