public import Access
public import Model

/// The question whether somebody may publish or read a stream: one form for every protocol.
public struct AccessRequest: Sendable {
  /// What is asked for. The raw values are those of the fact `access.refused`.
  public enum Action: String, Hashable, Sendable { case publish, read }

  /// Publishing or reading.
  public var action: Action
  /// The name that was asked for; it need not be live.
  public var stream: StreamName
  /// What the protocol carried; not checked yet.
  public var credentials: AccessCredentials
  /// The peer's IP address, by which guessing is slowed down.
  public var remoteHost: String
  /// `host:port` of the peer, as facts and pages show it.
  public var remoteAddress: String
  /// Whether the protocol answers missing credentials with a challenge: then their absence is the first step of the exchange and no refusal.
  public var canChallenge: Bool

  /// `canChallenge` is false for protocols that refuse at once (RTMP).
  public init(
    action: Action, stream: StreamName, credentials: AccessCredentials, remoteHost: String, remoteAddress: String, canChallenge: Bool = false
  ) {
    self.action = action
    self.stream = stream
    self.credentials = credentials
    self.remoteHost = remoteHost
    self.remoteAddress = remoteAddress
    self.canChallenge = canChallenge
  }
}
