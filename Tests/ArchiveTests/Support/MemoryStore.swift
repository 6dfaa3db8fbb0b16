import Crypto
import Foundation
import Model
import NIOCore
import Synchronization

@testable import Archive

/// Segments in memory, as an object store would keep them: an open one can be listed, and a committed one has no other name any more.
final class MemoryStore: SegmentStore {
  private let files = Mutex<[String: [UInt8]]>([:])

  /// What lies where.
  var contents: [String: [UInt8]] { files.withLock { $0 } }
  func put(_ path: String, _ bytes: [UInt8]) { files.withLock { $0[path] = bytes } }

  func open(_ name: SegmentName) -> any SegmentFile {
    put(name.openPath, [])
    return MemoryFile(name, self)
  }

  func syncNames(of stream: String) {}

  func read(_ path: String, _ range: Range<Int64>) -> [UInt8]? {
    files.withLock { $0[path] }.map { Array($0[min($0.count, Int(clamping: range.lowerBound))..<min($0.count, Int(clamping: range.upperBound))]) }
  }

  func info(_ path: String) -> StoredFile? {
    files.withLock { $0[path] }.map { StoredFile(path: path, bytes: Int64($0.count), modified: WallTime(nanoseconds: 1_700_000_000_000_000_000)) }
  }

  func list(_ folder: String) -> [String] {
    let prefix = folder.isEmpty ? "" : folder + "/"
    let below = contents.keys.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.utf8.count) }
    return Set(below.compactMap { $0.split(separator: "/").first.map(String.init) }).sorted()
  }

  func remove(_ path: String) { files.withLock { $0[path] = nil } }

  func quarantine(_ path: String) throws(Fault) -> String {
    guard let bytes = contents[path] else { throw Fault(.diskFailed, path) }
    let name = "quarantine/" + (path.contains("/") ? String(path.map { $0 == "/" ? "-" : $0 }) : "archive-" + path)
    var target = name
    while contents[target] != nil { target = name + ".\(contents.count)" }
    remove(path)
    put(target, bytes)
    return target
  }

  func freePermille() -> Int? { nil }
}

private final class MemoryFile: SegmentFile {
  private let name: SegmentName
  private let store: MemoryStore
  private var content: [UInt8] = []
  private(set) var isCommitted = false

  init(_ name: SegmentName, _ store: MemoryStore) {
    self.name = name
    self.store = store
  }

  var bytes: Int64 { Int64(content.count) }
  var sha256: String { Hex.encode(SHA256.hash(data: content)) }

  func append(_ buffers: [ByteBuffer]) throws(Fault) {
    guard !isCommitted else { throw Fault(.diskFailed, name.path) }
    for buffer in buffers { content += buffer.readableBytesView }
    store.put(name.openPath, content)
  }

  func commit() {
    guard !isCommitted else { return }
    store.remove(name.openPath)
    store.put(name.path, content)
    isCommitted = true
  }

  func discard() { store.remove(name.openPath) }
}
