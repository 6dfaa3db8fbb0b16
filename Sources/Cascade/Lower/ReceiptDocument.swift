internal import Crypto
public import Journal
public import Model

/// The upper node's signed statement of the first picture it decoded (docs/facts.md): the file's bytes are what is signed.
public struct ReceiptDocument: Sendable, Hashable {
  /// The file.
  public let text: String
  /// Its members, those of a newer version included.
  public let fields: [String: JSON]
  /// The members that this version knows.
  public let object: ReceiptObject

  /// Nil when it is no JSON object of version 1, or longer than 64 KiB.
  public init?(text: String) {
    guard text.utf8.count <= 65_536, let fields = (try? JSON(parsing: text))?.objectValue else { return nil }
    object = ReceiptObject(fields)
    guard object.version == 1 else { return nil }
    self.text = text
    self.fields = fields
  }

  init(fields: [String: JSON]) {
    self.fields = fields
    object = ReceiptObject(fields)
    text = JSON.object(fields).text
  }

  /// Nil in a receipt that names none.
  public var incident: String? { object.incident }
  /// `node/path@epoch#number`.
  public var unit: String? { object.unit?.text }
  /// Of ``text``: how both ends name it.
  public var sha256: String { Hex.encode(SHA256.hash(data: Array(text.utf8))) }

  /// Why a county refuses this receipt, or nil when it proves what it says: signed by the paired key, for this incident's nonce and E1, of a unit that
  /// we sent and that we had received after E1.
  /// - Parameter sent: the unit as it left; nil when it never did.
  public func refusal(
    signature: String, by key: NodePublicKey, county: String, opened: OpenedIncident, openedAt: NodeInstant, sent: SentKeyframes.Entry?
  ) -> String? {
    guard let bytes = Hex.decode(signature), key.isValid(signature: bytes, of: Array(text.utf8)) else { return "signature" }
    guard object.county == county else { return "peer" }
    guard object.incident == opened.incident, object.nonce == opened.nonce else { return "nonce" }
    guard object.openedSha256 == opened.openedSHA256 else { return "opened" }
    guard let stream = object.stream?.text, opened.devices.contains(where: { $0.stream.path == stream }) else { return "unit" }
    guard let sent, sent.stream.path == stream else { return "unit" }
    // Of another boot than E1: it was sent after the reboot that came after E1.
    return sent.boot == openedAt.boot && sent.firstArrival < openedAt.time ? "beforeReceived" : nil
  }
}
