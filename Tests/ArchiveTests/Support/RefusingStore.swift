import Model
import NIOCore
import Synchronization

@testable import Archive

/// A store in front of another one, which refuses what a test says before anything of it is done.
final class RefusingStore: SegmentStore {
  enum Call: Sendable, Hashable, CaseIterable { case open, append, commit, syncNames, read, info, list, quarantine }

  private struct State {
    var inner: (any SegmentStore)?
    var refused: Set<Call> = []
    var code = FaultCode.diskFull
    /// Calls that are refused once each, by their number among all calls.
    var numbers: Set<Int> = []
    var count = 0
  }

  private let state = Mutex(State())
  /// Free space in thousandths; nil for that of the store behind.
  let free = Mutex<Int?>(500)

  func stand(before inner: any SegmentStore) { state.withLock { $0.inner = inner } }
  func refuse(_ calls: Set<Call>, _ code: FaultCode = .diskFull) { state.withLock { ($0.refused, $0.code) = (calls, code) } }
  /// Refuses these calls, counted over all kinds from 1.
  func refuse(numbers: Set<Int>) { state.withLock { $0.numbers = numbers } }
  var calls: Int { state.withLock { $0.count } }

  fileprivate func check(_ call: Call) throws(Fault) {
    let (isRefused, code) = state.withLock { state in
      state.count += 1
      return (state.refused.contains(call) || state.numbers.contains(state.count), state.code)
    }
    if isRefused { throw Fault(code, "\(call)") }
  }

  private func behind(_ call: Call) throws(Fault) -> any SegmentStore {
    try check(call)
    guard let inner = state.withLock({ $0.inner }) else { throw Fault(.diskFailed, "no store") }
    return inner
  }

  func open(_ name: SegmentName) throws(Fault) -> any SegmentFile { RefusingFile(self, try behind(.open).open(name)) }
  func syncNames(of stream: String) throws(Fault) { try behind(.syncNames).syncNames(of: stream) }
  func read(_ path: String, _ range: Range<Int64>) throws(Fault) -> [UInt8]? { try behind(.read).read(path, range) }
  func info(_ path: String) throws(Fault) -> StoredFile? { try behind(.info).info(path) }
  func list(_ folder: String) throws(Fault) -> [String] { try behind(.list).list(folder) }
  func remove(_ path: String) throws(Fault) { try state.withLock { $0.inner }?.remove(path) }
  func quarantine(_ path: String) throws(Fault) -> String { try behind(.quarantine).quarantine(path) }
  func freePermille() -> Int? { free.withLock { $0 } ?? state.withLock { $0.inner }?.freePermille() }
}

private final class RefusingFile: SegmentFile {
  private let store: RefusingStore
  private let inner: any SegmentFile

  init(_ store: RefusingStore, _ inner: any SegmentFile) {
    self.store = store
    self.inner = inner
  }

  var bytes: Int64 { inner.bytes }
  var sha256: String { inner.sha256 }
  var isCommitted: Bool { inner.isCommitted }

  func append(_ buffers: [ByteBuffer]) throws(Fault) {
    try store.check(.append)
    try inner.append(buffers)
  }

  func commit() throws(Fault) {
    try store.check(.commit)
    try inner.commit()
  }

  func discard() { inner.discard() }
}
