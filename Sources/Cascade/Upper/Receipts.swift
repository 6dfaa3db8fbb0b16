internal import Model

/// Makes the upper node's receipts of its `province.decoded` facts.
enum Receipts {
  /// The receipt for a picture that was seen at an instant. What is of another boot than that is left out: two boots' times have no difference.
  static func document(of decoded: [String: JSON], at seen: NodeInstant, _ heard: UpperDesk.Heard, province: String) -> ReceiptDocument {
    let beacon = heard.opened.beacon.flatMap { $0.boot == seen.boot ? $0 : nil }
    let opened = heard.opened
    var fields: [String: JSON] = [
      "v": 1, "county": .string(heard.county), "province": .string(province), "boot": .string(seen.boot),
      "incident": .string(opened.incident), "nonce": .string(opened.nonce), "openedSha256": .string(opened.openedSHA256),
      "beaconNs": beacon.map { .int($0.nanoseconds) } ?? .null, "beaconNonce": beacon.map { .string($0.nonce) } ?? .null,
      "heardNs": heard.at.boot == seen.boot ? .int(heard.at.time.nanoseconds) : .null, "decodedNs": .int(seen.time.nanoseconds),
      "grade": .string(beacon == nil ? "countyClockOnly" : "decoded"),
    ]
    for name in ["stream", "device", "unit", "vclSha256", "jpegSha256", "width", "height", "visible", "dark"] {
      fields[name] = decoded[name] ?? .null
    }
    return ReceiptDocument(fields: fields)
  }
}
