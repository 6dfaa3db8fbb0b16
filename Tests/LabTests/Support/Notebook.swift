import Measure
import Model
import NIOConcurrencyHelpers
import NIOCore

/// What the product measured of one session: its samples as they go to the file, and its windows as they go to the journal.
final class Notebook: SampleSink, SampleWriting {
  private struct Pages {
    var header: SampleHeader?
    var records: [SampleRecord] = []
    var windows: [QualityWindow] = []
  }

  private let pages = NIOLockedValueBox(Pages())
  /// Completes when the session has closed.
  let closed: EventLoopPromise<Void>

  init(loop: any EventLoop) { closed = loop.makePromise() }

  func open(_ header: SampleHeader) -> any SampleWriting {
    pages.withLockedValue { $0.header = header }
    return self
  }

  func append(_ records: [SampleRecord]) { pages.withLockedValue { $0.records += records } }
  func close() { closed.succeed() }
  func add(_ window: QualityWindow) { pages.withLockedValue { $0.windows.append(window) } }

  var header: SampleHeader? { pages.withLockedValue { $0.header } }
  var records: [SampleRecord] { pages.withLockedValue { $0.records } }
  var windows: [QualityWindow] { pages.withLockedValue { $0.windows } }
}
