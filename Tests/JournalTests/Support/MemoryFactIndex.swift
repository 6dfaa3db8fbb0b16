import Journal
import Model
import Synchronization

/// An index in memory: whoever knows only the interface cannot tell it from the real one. It refuses what a test says.
final class MemoryFactIndex: FactIndex {
  private struct State {
    var facts: [Int64: IndexedFact] = [:]
    var bookmark = JournalBookmark.start
    /// Faults for the next insertions, first one first.
    var refusals: [Fault] = []
    var erased = 0
  }

  private let state = Mutex(State())

  /// The next insertions throw these, one each.
  func refuse(_ faults: [Fault]) { state.withLock { $0.refusals = faults } }
  /// How often it was erased.
  var erased: Int { state.withLock { $0.erased } }

  func bookmark() -> JournalBookmark { state.withLock { $0.bookmark } }

  func insert(_ facts: [IndexedFact], upTo bookmark: JournalBookmark) throws(Fault) {
    let refusal: Fault? = state.withLock { state in
      if !state.refusals.isEmpty { return state.refusals.removeFirst() }
      for fact in facts { state.facts[fact.fact.sequence] = fact }
      state.bookmark = bookmark
      return nil
    }
    if let refusal { throw refusal }
  }

  func erase() {
    state.withLock { state in
      state.facts = [:]
      state.bookmark = .start
      state.erased += 1
    }
  }

  func facts(_ query: FactQuery) -> [Fact] {
    let found = named(query).sorted { query.newestFirst ? $0.sequence > $1.sequence : $0.sequence < $1.sequence }
    return Array(found.prefix(query.pageSize))
  }

  func count(_ query: FactQuery) -> Int64 { Int64(named(query).count) }

  private func named(_ query: FactQuery) -> [Fact] {
    state.withLock { Array($0.facts.values) }.filter { indexed in
      let fact = indexed.fact
      return (query.kinds.isEmpty || query.kinds.contains(fact.kind)) && (query.stream == nil || query.stream == indexed.stream)
        && (query.incident == nil || query.incident == indexed.incident) && fact.sequence > query.after ?? .min
        && fact.sequence < query.before ?? .max
    }.map(\.fact)
  }
}
