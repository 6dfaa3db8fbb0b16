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
    query.page(of: state.withLock { Array($0.facts.values) }.map(\.fact).sorted { $0.sequence < $1.sequence })
  }

  func count(_ query: FactQuery) -> Int64 {
    var query = query
    query.limit = .max
    return Int64(facts(query).count)
  }
}
