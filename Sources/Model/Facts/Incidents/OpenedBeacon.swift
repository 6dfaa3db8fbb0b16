/// The newest beacon of one uplink at t1, as `incident.opened` embeds it: proof that the line was logged after it (measurement.md §4.1).
public struct OpenedBeacon: Hashable, Sendable {
  /// The uplink's name, as configured.
  public var uplink: String?
  /// Fingerprint of the upper node's key.
  public var peer: String?
  /// 32 hexadecimal digits that only this incident has.
  public var nonce: String?
  /// When it arrived, on our clock.
  public var arrival: BootTime?
  /// p(B), when it was sent, on the upper node's clock in its ``boot``.
  public var sent: BootTime?
  public var boot: String?
  /// The upper node's over nonce, time and boot, hexadecimal.
  public var signature: String?

  public init(uplink: String, peer: String, nonce: String, arrival: BootTime, sent: BootTime, boot: String, signature: String) {
    self.uplink = uplink
    self.peer = peer
    self.nonce = nonce
    self.arrival = arrival
    self.sent = sent
    self.boot = boot
    self.signature = signature
  }
}

extension OpenedBeacon: FactObject {
  init?(_ read: FactReader) {
    uplink = read["uplink"]
    peer = read["peer"]
    nonce = read["nonce"]
    arrival = read["arrivalNs"]
    sent = read["ns"]
    boot = read["boot"]
    signature = read["signature"]
  }

  var members: [String: JSON] {
    [
      "uplink": uplink?.json, "peer": peer?.json, "nonce": nonce?.json, "arrivalNs": arrival?.json, "ns": sent?.json, "boot": boot?.json,
      "signature": signature?.json,
    ].compactMapValues { $0 }
  }
}
