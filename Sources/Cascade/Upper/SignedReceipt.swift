/// A receipt as the upper node sends it: the file's bytes and the Ed25519 signature over them, hexadecimal.
struct SignedReceipt: Sendable {
  var receipt: ReceiptDocument
  var signature: String
}
