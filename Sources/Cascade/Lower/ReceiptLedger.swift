internal import Model

/// The receipts that came for each incident over one uplink, in this run or before it: which streams are proven, and under which names they lie on the disk.
struct ReceiptLedger {
  private struct Entry {
    var count = 0
    var streams: Set<String> = []
    var sha256: Set<String> = []
  }

  private var entries: [String: Entry] = [:]

  /// From a `receipt.received` fact.
  mutating func recover(_ fact: ReceiptReceivedFact) {
    guard let sha256 = fact.receiptSha256 else { return }
    entries[fact.incident, default: Entry()].count += 1
    entries[fact.incident]?.sha256.insert(sha256)
    if let stream = fact.receipt.flatMap({ ReceiptObject($0).stream?.text }) { entries[fact.incident]?.streams.insert(stream) }
  }

  /// Whether any receipt of an incident is known.
  func knows(_ incident: String) -> Bool { entries[incident] != nil }
  /// Whether this very receipt is on the disk.
  func holds(_ sha256: String, of incident: String) -> Bool { entries[incident]?.sha256.contains(sha256) == true }
  func isProven(_ stream: String, in incident: String) -> Bool { entries[incident]?.streams.contains(stream) == true }

  /// Takes the place of a new receipt among the incident's: 1…; nil when that stream's is there already.
  mutating func reserve(_ stream: String, in incident: String) -> Int? {
    guard entries[incident, default: Entry()].streams.insert(stream).inserted else { return nil }
    entries[incident]?.count += 1
    return entries[incident]?.count
  }

  /// It is on the disk.
  mutating func stored(_ sha256: String, of incident: String) { entries[incident]?.sha256.insert(sha256) }

  /// It is not: when the upper node sends it again it must not be passed over.
  mutating func release(_ place: Int, _ stream: String, in incident: String) {
    entries[incident]?.streams.remove(stream)
    if entries[incident]?.count == place { entries[incident]?.count = place - 1 }
  }
}
