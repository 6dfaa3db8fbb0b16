/// `stream.refused`: a publisher had the right to publish and was not admitted: the name is taken, its media cannot be carried.
public struct StreamRefusedFact: FactBody {
  public static let kinds = [FactKind.streamRefused]
  public var stream: FactText<StreamName>
  public var mediaProtocol: FactText<MediaProtocol>?
  /// The publisher's address.
  public var peer: String?
  /// Name of the access key that it showed.
  public var key: String?
  /// `publish`.
  public var action: String?
  public var code: FactText<FaultCode>
  public var origin: FactText<Origin>?

  public init(stream: StreamName, mediaProtocol: MediaProtocol, peer: String, key: String?, code: FaultCode) {
    self.stream = FactText(stream)
    self.mediaProtocol = FactText(mediaProtocol)
    self.peer = peer
    self.key = key
    action = "publish"
    self.code = FactText(code)
    origin = FactText(Fault(code).origin)
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let stream: FactText<StreamName> = read["stream"] else { return nil }
    self.stream = stream
    mediaProtocol = read["protocol"]
    peer = read["peer"]
    key = read["key"]
    action = read["action"]
    code = read["code"] ?? ""
    origin = read["origin"]
  }

  public var fields: [String: JSON] {
    [
      "stream": stream.json, "protocol": mediaProtocol.json, "peer": peer.json, "key": key.json, "action": action.json, "code": code.json,
      "origin": origin.json,
    ]
  }
}
