public import Model

/// The protocol's side of a publisher session: what the session asks of its connection. Called on the session's loop.
public protocol PublisherTransport: AnyObject {
  /// The media is no longer wanted (taken over, ended by an operator, refused): say why to the peer and close.
  func end(_ fault: Fault)
  /// Asks the sender for a key frame; protocols that cannot (RTMP) do nothing.
  func requestKeyframe(track: Int)
  /// Once a second while live, after the session's own figures: receiver reports.
  func publisherTick(at now: BootTime)
  /// Datagrams that this session's sockets lost for want of room, cumulative; nil where media does not come by UDP.
  var receiveBufferErrors: Int64? { get }
}

extension PublisherTransport {
  /// Nothing: the protocol has no such request.
  public func requestKeyframe(track: Int) {}
  /// Nothing: the protocol has no receiver reports.
  public func publisherTick(at now: BootTime) {}
  /// Nil: the media comes by TCP.
  public var receiveBufferErrors: Int64? { nil }
}
