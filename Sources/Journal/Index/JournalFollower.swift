internal import Model

/// Brings what a journal's files hold into an index. Knows the index by its interface alone.
struct JournalFollower {
  /// Facts of one transaction: few enough that a reader of the index never waits long, many enough that a rebuild does not wait for the disk.
  static let batch = 500

  let dataFolder: String
  let index: any FactIndex

  /// Inserts what the journal has beyond the index, up to a sequence; gives the newest sequence that is in. Blocks.
  ///
  /// Starts anew when the index is damaged, or was made from another journal.
  func catchUp(through limit: Int64) throws(Fault) -> Int64 {
    do throws(Fault) {
      return try follow(through: limit)
    } catch {
      guard error.code == .archiveBroken else { throw error }
      try index.erase()
      return try follow(through: limit)
    }
  }

  private func follow(through limit: Int64) throws(Fault) -> Int64 {
    var walker = JournalWalker(dataFolder: dataFolder, from: try index.bookmark(), through: limit)
    if try !walker.isSameJournal() {
      try index.erase()
      walker = JournalWalker(dataFolder: dataFolder, from: .start, through: limit)
    }
    while true {
      var facts: [IndexedFact] = []
      while facts.count < JournalFollower.batch, let fact = try walker.next() { facts.append(fact) }
      try index.insert(facts, upTo: walker.bookmark)
      if facts.count < JournalFollower.batch { return walker.bookmark.sequence }
    }
  }
}
