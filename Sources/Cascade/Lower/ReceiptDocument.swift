internal import Crypto
public import Journal
public import Model

/// The upper node's signed statement of the first picture it decoded (docs/facts.md): the file's bytes are what is signed.
public struct ReceiptDocument: Sendable, Hashable {
  public let text: String
  public let fields: [String: JSON]

  /// Nil when it is no JSON object of version 1.
  public init?(text: String) {
    guard text.utf8.count <= 65_536, let fields = (try? JSON(parsing: text))?.objectValue, fields["v"] == 1 else { return nil }
    self.text = text
    self.fields = fields
  }

  init(fields: [String: JSON]) {
    self.fields = fields
    text = JSON.object(fields).text
  }

  public var incident: String? { fields["incident"]?.stringValue }
  public var unit: String? { fields["unit"]?.stringValue }
  public var sha256: String { Hex.encode(SHA256.hash(data: Array(text.utf8))) }

  /// Why a county refuses this receipt, or nil when it proves what it says: signed by the paired key, for this incident's nonce and E1, of a unit that
  /// we sent and that we had received after E1.
  public func refusal(
    signature: String, by key: NodePublicKey, county: String, opened: OpenedIncident, openedAt: NodeInstant, sent: SentKeyframes.Entry?
  ) -> String? {
    guard let bytes = Hex.decode(signature), key.isValid(signature: bytes, of: Array(text.utf8)) else { return "signature" }
    guard fields["county"]?.stringValue == county else { return "peer" }
    guard fields["incident"]?.stringValue == opened.incident, fields["nonce"]?.stringValue == opened.nonce else { return "nonce" }
    guard fields["openedSha256"]?.stringValue == opened.openedSHA256 else { return "opened" }
    guard let stream = fields["stream"]?.stringValue, opened.devices.contains(where: { $0.stream.path == stream }) else { return "unit" }
    guard let sent, sent.stream.path == stream else { return "unit" }
    // Of another boot than E1: it was sent after the reboot that came after E1.
    return sent.boot == openedAt.boot && sent.firstArrival < openedAt.time ? "beforeReceived" : nil
  }
}
