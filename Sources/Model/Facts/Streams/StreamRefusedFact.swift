/// `stream.refused`: a publisher had the right to publish and was not admitted: the name is taken, its media cannot be carried.
public struct StreamRefusedFact: FactBody {
  /// Written by the hub and the gateways.
  public static let kinds = [FactKind.streamRefused]
  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>
  /// Of the connection.
  public var mediaProtocol: FactText<MediaProtocol>?
  /// The publisher's address.
  public var peer: String?
  /// Name of the access key that it showed.
  public var key: String?
  /// `publish`.
  public var action: String?
  /// Of the fault catalogue.
  public var code: FactText<FaultCode>
  /// Whose side the fault is on.
  public var origin: FactText<Origin>?
  /// Where the fact stands for more than one refusal.
  public var sum: RefusalCount?

  public init(stream: StreamName, mediaProtocol: MediaProtocol, peer: String, key: String?, code: FaultCode, sum: RefusalCount? = nil) {
    self.stream = FactText(stream)
    self.mediaProtocol = FactText(mediaProtocol)
    self.peer = peer
    self.key = key
    action = "publish"
    self.code = FactText(code)
    origin = FactText(Fault(code).origin)
    self.sum = sum
  }

  /// Nil for another kind, or without `stream`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let stream: FactText<StreamName> = read["stream"] else { return nil }
    self.stream = stream
    mediaProtocol = read["protocol"]
    peer = read["peer"]
    key = read["key"]
    action = read["action"]
    code = read["code"] ?? ""
    origin = read["origin"]
    sum = RefusalCount(read)
  }

  /// Null for nil: `protocol`, `peer`, `key`, `action`, `origin`. Left out when nil: `count`, `firstNs`, `lastNs`.
  public var fields: [String: JSON] {
    let fields: [String: JSON] = [
      "stream": stream.json, "protocol": mediaProtocol.json, "peer": peer.json, "key": key.json, "action": action.json, "code": code.json,
      "origin": origin.json,
    ]
    return fields.merging(sum?.fields ?? [:]) { $1 }
  }
}
