import Model
import Synchronization

/// A sink that keeps what it is given.
final class KeptFacts: FactSink {
  struct Kept: Sendable {
    var kind: String
    var fields: [String: JSON]
    var at: BootTime?
  }

  private let state = Mutex<[Kept]>([])
  var all: [Kept] { state.withLock { $0 } }

  func record(_ kind: String, _ fields: [String: JSON], at: BootTime?) {
    state.withLock { $0.append(Kept(kind: kind, fields: fields, at: at)) }
  }

  func commit(_ kind: String, _ fields: [String: JSON], at: BootTime?) async throws -> Fact {
    record(kind, fields, at: at)
    let number = Int64(all.count) + 1000
    return Fact(
      node: "county", boot: "b", sequence: number, bootTime: at ?? BootTime(nanoseconds: 0), wall: "", kind: kind, previous: "",
      hash: "c\(number)", fields: fields)
  }
}
