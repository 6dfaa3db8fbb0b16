public import Journal
public import Model

/// A value that the upper node made at a known instant, signed by itself so that it need not remember it: an E1 that carries it was logged after
/// that instant (measurement.md §4.1).
public struct Beacon: Sendable, Hashable {
  /// 32 hexadecimal digits from the system's random source.
  public var nonce: String
  /// p(B), the upper node's boot time, and the boot it belongs to.
  public var nanoseconds: Int64
  /// The upper node's boot id.
  public var boot: String
  /// The upper node's Ed25519 signature over ``signedBytes``, hexadecimal.
  public var signature: String

  init(nonce: String, at time: BootTime, boot: String, identity: NodeIdentity) throws(Fault) {
    self.nonce = nonce
    nanoseconds = time.nanoseconds
    self.boot = boot
    signature = ""
    signature = Hex.encode(try identity.sign(signedBytes))
  }

  /// As `incident.opened` embeds it; nil when a member is missing or malformed.
  init?(_ opened: OpenedBeacon) {
    guard let nonce = opened.nonce, nonce.utf8.count == 32, let sent = opened.sent, let boot = opened.boot, boot.utf8.count <= 64,
      let signature = opened.signature
    else { return nil }
    self.nonce = nonce
    nanoseconds = sent.nanoseconds
    self.boot = boot
    self.signature = signature
  }

  /// For `incident.opened` to embed.
  /// - Parameter peer: fingerprint of the upper node's key.
  public func opened(uplink: String, peer: String, arrival: BootTime) -> OpenedBeacon {
    OpenedBeacon(
      uplink: uplink, peer: peer, nonce: nonce, arrival: arrival, sent: BootTime(nanoseconds: nanoseconds), boot: boot, signature: signature)
  }

  /// From ``fields``; nil when one is missing or malformed. Says nothing about who made it.
  public init?(_ fields: [String: JSON]) {
    guard let nonce = fields["nonce"]?.stringValue, nonce.utf8.count == 32, let nanoseconds = fields["ns"]?.intValue,
      let boot = fields["boot"]?.stringValue, boot.utf8.count <= 64, let signature = fields["signature"]?.stringValue
    else { return nil }
    self.nonce = nonce
    self.nanoseconds = nanoseconds
    self.boot = boot
    self.signature = signature
  }

  /// As it stands in messages.
  public var fields: [String: JSON] {
    ["nonce": .string(nonce), "ns": .int(nanoseconds), "boot": .string(boot), "signature": .string(signature)]
  }

  private var signedBytes: [UInt8] { Array("firstframe beacon 1 \(nonce) \(nanoseconds) \(boot)".utf8) }

  /// Whether this key's node made the beacon.
  public func isValid(by key: NodePublicKey) -> Bool {
    guard let bytes = Hex.decode(signature) else { return false }
    return key.isValid(signature: bytes, of: signedBytes)
  }
}
