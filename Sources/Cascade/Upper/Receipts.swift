internal import Model

/// Makes the upper node's receipts of its `province.decoded` facts.
enum Receipts {
  /// The receipt for a picture that was seen at an instant. What is of another boot than that is left out: two boots' times have no difference.
  static func document(
    of picture: PictureDecodedFact, at seen: NodeInstant, _ received: ReceivedIncident, province: String
  ) -> ReceiptDocument {
    let opened = received.opened
    let beacon = opened.beacon.flatMap { $0.boot == seen.boot ? $0 : nil }
    var receipt = ReceiptObject()
    receipt.version = 1
    receipt.county = received.county
    receipt.province = province
    receipt.boot = seen.boot
    receipt.incident = opened.incident
    receipt.nonce = opened.nonce
    receipt.openedSha256 = opened.openedSHA256
    receipt.beacon = beacon.map { BootTime(nanoseconds: $0.nanoseconds) }
    receipt.beaconNonce = beacon?.nonce
    receipt.arrival = received.at.boot == seen.boot ? received.at.time : nil
    receipt.decoded = seen.time
    receipt.grade = beacon == nil ? "countyClockOnly" : "decoded"
    receipt.device = picture.subject.device
    receipt.stream = picture.subject.stream
    receipt.unit = picture.subject.unit
    receipt.vclSha256 = picture.content.vclSha256
    receipt.jpegSha256 = picture.content.jpegSha256
    receipt.width = picture.content.width
    receipt.height = picture.content.height
    receipt.isVisible = picture.content.isVisible
    receipt.isDark = picture.content.isDark
    return ReceiptDocument(fields: receipt.fields)
  }
}
