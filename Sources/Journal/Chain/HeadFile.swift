internal import Model

/// `heads.jsonl` as it was found at start.
struct HeadFile {
  var isNew = true
  /// Good bytes.
  var size: Int64 = 0
  /// The newest head whose signature is the node's own.
  var newest: ChainHead?
  /// Bytes of a torn last line that were cut off and kept in quarantine.
  var bytesCut = 0

  static func open(_ place: JournalWriter.Place) throws(Fault) -> HeadFile {
    let folder = JournalFiles.folder(place.dataFolder)
    let path = folder + "/" + JournalFiles.heads
    var found = HeadFile()
    guard let reader = try LineReader(path) else { return found }
    found.isNew = false
    var last: [UInt8] = []
    while let line = try reader.next() { last = line.bytes }
    // Only the newest is checked: it commits to all before it through the chain. `verify` checks them all.
    if let head = ChainHead(line: last), head.chain == "journal", head.key == place.identity.publicKey, head.isValid { found.newest = head }
    found.size = reader.offset
    let rest = reader.rest.bytes
    if !rest.isEmpty {
      try TornBytes.setAside(rest, of: JournalFiles.heads, at: found.size, folder)
      found.bytesCut = rest.count
    }
    return found
  }
}
