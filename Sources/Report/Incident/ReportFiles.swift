internal import FoundationEssentials
internal import Model

/// What a data folder has of an incident besides facts: the pictures that a report carries, and whether a receipt lies there.
public struct ReportFiles: Sendable {
  /// JPEG as Base64, by the device's index in the incident.
  public let snapshots: [Int: String]
  /// Whether `receipts/ID.json` is there with its signature and its signer's key.
  public let hasReceipt: Bool

  /// Nothing but what is given.
  public init(snapshots: [Int: String] = [:], hasReceipt: Bool = false) {
    self.snapshots = snapshots
    self.hasReceipt = hasReceipt
  }

  /// Reads at most 64 pictures of 4 MiB each; one that cannot be read is left out. Blocks.
  /// - Parameter node: that decoded the pictures.
  public init(of incident: String, node: String, dataFolder: String) {
    guard StreamName.isSegment(incident), StreamName.isSegment(node) else {
      self.init()
      return
    }
    var found: [Int: String] = [:]
    for index in 0..<64 {
      guard let bytes = try? Disk.read("\(dataFolder)/snapshots/\(node)-\(incident)-\(index).jpg", limit: 4 << 20) else { continue }
      found[index] = Data(bytes).base64EncodedString()
    }
    let names = Set((try? Disk.entries(dataFolder + "/receipts")) ?? [])
    self.init(snapshots: found, hasReceipt: ["json", "sig", "pub.pem"].allSatisfy { names.contains("\(incident).\($0)") })
  }
}
