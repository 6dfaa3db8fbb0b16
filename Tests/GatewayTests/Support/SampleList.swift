import Model
import NIOConcurrencyHelpers

/// Sessions' samples in memory.
final class SampleList: SampleSink, SampleWriting {
  private struct State {
    var headers: [SampleHeader] = []
    var records: [SampleRecord] = []
    var closings = 0
  }

  private let state = NIOLockedValueBox(State())

  var headers: [SampleHeader] { state.withLockedValue { $0.headers } }
  var closings: Int { state.withLockedValue { $0.closings } }
  var events: [SampleEvent] {
    state.withLockedValue { $0.records.compactMap { if case .event(let event) = $0 { event } else { nil } } }
  }

  func open(_ header: SampleHeader) -> any SampleWriting {
    state.withLockedValue { $0.headers.append(header) }
    return self
  }

  func append(_ records: [SampleRecord]) { state.withLockedValue { $0.records += records } }
  func close() { state.withLockedValue { $0.closings += 1 } }
}
