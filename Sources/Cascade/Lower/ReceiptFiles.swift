internal import Model
internal import NIOPosix

/// A receipt on disk: `ID.json` as signed, `ID.sig` with the raw signature, and the signer's `pub.pem`, so that stock `openssl` verifies it.
struct ReceiptFiles {
  let folder: String
  /// Name without ending: the incident's id, and `.2`, `.3` … for the receipts after the first.
  let name: String

  /// - Parameter place: 1 for an incident's first receipt.
  init(folder: String, incident: String, place: Int) {
    self.folder = folder
    name = place <= 1 ? incident : "\(incident).\(place)"
  }

  /// Writes the three files durably, on a thread that may block.
  func store(text: String, signature: String, pem: String) async throws {
    guard let raw = Hex.decode(signature) else { throw Fault(.receiptInvalid, name) }
    try await NIOThreadPool.singleton.runIfActive {
      try Disk.makeFolder(folder)
      try Disk.replace("\(folder)/pub.pem", with: Array(pem.utf8))
      try Disk.replace("\(folder)/\(name).pub.pem", with: Array(pem.utf8))
      try Disk.replace("\(folder)/\(name).sig", with: raw)
      try Disk.replace("\(folder)/\(name).json", with: Array(text.utf8))
    }
  }
}
