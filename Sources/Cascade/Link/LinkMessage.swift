public import Model

/// What the two ends of a control link send each other once they know each other (docs/control-link.md). Unknown types are passed over, so that
/// either end may be newer.
public enum LinkMessage: Sendable, Hashable {
  /// Upper, each second: a value that nobody could know before it was sent, and when it was.
  case beacon(Beacon)
  /// Lower, each second: `t1`, its boot time when it asks, and the newest beacon that arrived, so that the upper knows the distance of the clocks too.
  case timeRequest(t1: Int64, beacon: ReceivedBeacon?)
  /// Upper: when the request came and when this answer left, on the upper's boot clock.
  case timeAnswer(t1: Int64, t2: Int64, t3: Int64)
  /// Upper, after the handshake: with what the lower's media may be pushed.
  case mediaCredentials(user: String, secret: String)
  /// Lower: E1 and what it is about. Sent again after each reconnect until the incident is closed.
  case opened(OpenedIncident)
  /// Lower: no more pictures are wanted for it.
  case closed(incident: String)
  /// Upper: the receipt's file byte for byte, and the signature over it.
  case receipt(text: String, signature: String, pem: String)
  /// Lower: a receipt was verified and stored.
  case receiptStored(sha256: String)
  /// Lower: a receipt proves nothing here, and why (as `receipt.refused` names it): the upper looks for another picture where that can help.
  case receiptRefused(sha256: String, reason: String)
  /// Of a newer node: passed over.
  case unknown(type: String)

  /// Throws ``FaultCode/linkMalformed`` for what is no message, or lacks a member of its type.
  public init(_ bytes: [UInt8]) throws(Fault) {
    guard let fields = (try? JSON(parsing: bytes))?.objectValue, let type = fields["type"]?.stringValue else {
      throw Fault(.linkMalformed, "no message")
    }
    guard let message = LinkMessage(type: type, fields) else { throw Fault(.linkMalformed, type) }
    self = message
  }

  private init?(type: String, _ fields: [String: JSON]) {
    func text(_ key: String) -> String? { fields[key]?.stringValue }
    func number(_ key: String) -> Int64? { fields[key]?.intValue }
    switch type {
    case "beacon":
      guard let beacon = Beacon(fields) else { return nil }
      self = .beacon(beacon)
    case "timeRequest":
      guard let t1 = number("t1") else { return nil }
      self = .timeRequest(t1: t1, beacon: ReceivedBeacon(fields))
    case "timeAnswer":
      guard let t1 = number("t1"), let t2 = number("t2"), let t3 = number("t3") else { return nil }
      self = .timeAnswer(t1: t1, t2: t2, t3: t3)
    case "mediaCredentials":
      guard let user = text("user"), let secret = text("secret") else { return nil }
      self = .mediaCredentials(user: user, secret: secret)
    case "opened":
      guard let opened = OpenedIncident(fields) else { return nil }
      self = .opened(opened)
    case "closed":
      guard let incident = text("incident"), OpenedIncident.isID(incident) else { return nil }
      self = .closed(incident: incident)
    case "receipt":
      guard let receipt = text("receipt"), let signature = text("signature"), let pem = text("pem") else { return nil }
      self = .receipt(text: receipt, signature: signature, pem: pem)
    case "receiptStored":
      guard let sha256 = text("sha256") else { return nil }
      self = .receiptStored(sha256: sha256)
    case "receiptRefused":
      guard let sha256 = text("sha256"), let reason = text("reason"), reason.utf8.count <= 64 else { return nil }
      self = .receiptRefused(sha256: sha256, reason: reason)
    default: self = .unknown(type: type)
    }
  }

  /// As it is sealed and sent.
  public var json: JSON {
    switch self {
    case .beacon(let beacon): .object(beacon.fields.merging(["type": "beacon"]) { $1 })
    case .timeRequest(let t1, let beacon): .object((beacon?.fields ?? [:]).merging(["type": "timeRequest", "t1": .int(t1)]) { $1 })
    case .timeAnswer(let t1, let t2, let t3): ["type": "timeAnswer", "t1": .int(t1), "t2": .int(t2), "t3": .int(t3)]
    case .mediaCredentials(let user, let secret): ["type": "mediaCredentials", "user": .string(user), "secret": .string(secret)]
    case .opened(let opened): .object(opened.fields.merging(["type": "opened"]) { $1 })
    case .closed(let incident): ["type": "closed", "incident": .string(incident)]
    case .receipt(let text, let signature, let pem):
      ["type": "receipt", "receipt": .string(text), "signature": .string(signature), "pem": .string(pem)]
    case .receiptStored(let sha256): ["type": "receiptStored", "sha256": .string(sha256)]
    case .receiptRefused(let sha256, let reason): ["type": "receiptRefused", "sha256": .string(sha256), "reason": .string(reason)]
    case .unknown(let type): ["type": .string(type)]
    }
  }
}
