public import Model

/// Where a journal's facts can be asked for: the narrow interface behind which SQLite stands today, and a database server can stand later.
///
/// An index holds nothing that the journal does not, so it may be lost: a ``Projection`` feeds it from the journal, and makes it again when it is damaged
/// or was made from another journal. What every implementation has to do is fixed by `FactIndexConformanceTests`.
///
/// Errors: `.archiveBroken` says that the index itself is damaged, and has it erased and made again; `.diskFull`, `.diskFailed` and any other fault mean
/// "later", and the same facts are offered again.
public protocol FactIndex: Sendable {
  /// How far the index has followed its journal; ``JournalBookmark/start`` when it is empty. Blocks.
  func bookmark() throws(Fault) -> JournalBookmark

  /// Adds facts and moves the bookmark: both, or neither when it throws, also when the process dies in the middle. A fact whose sequence is there already
  /// takes the place of the old one, so inserting twice changes nothing. Blocks; called by one thread at a time.
  func insert(_ facts: [IndexedFact], upTo bookmark: JournalBookmark) throws(Fault)

  /// Makes the index empty, also one that is damaged. Blocks; called by the thread that inserts.
  func erase() throws(Fault)

  /// One page of the facts that a query names, in order of their sequence. Suspends, never blocks; called from any task.
  func facts(_ query: FactQuery) async throws(Fault) -> [Fact]

  /// How many facts a query names; its limit and its order do not count.
  func count(_ query: FactQuery) async throws(Fault) -> Int64

  /// Lets files and connections go; what is asked afterwards fails. Blocks; called once, by the thread that inserts.
  func close()
}

extension FactIndex {
  /// An index in memory has nothing to let go.
  public func close() {}

  /// Every fact that a query names, page by page, however many: it is the caller who must know that they fit into memory. The query's limit is a page's.
  public func allFacts(_ query: FactQuery) async throws(Fault) -> [Fact] {
    var all: [Fact] = []
    var next: FactQuery? = query
    while let query = next {
      let page = try await facts(query)
      all += page
      next = query.following(page)
    }
    return all
  }

  /// Every fact of a range of sequences, oldest first: what a consumer reads back that finds a gap in its feed.
  public func facts(sequences: ClosedRange<Int64>) async throws(Fault) -> [Fact] {
    try await allFacts(FactQuery(sequences: sequences))
  }
}
