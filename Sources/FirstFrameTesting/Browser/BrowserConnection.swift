internal import Foundation
internal import Glibc
internal import Model
internal import Synchronization

/// The Chrome DevTools Protocol over a pair of pipes: JSON messages, each ended by a zero byte.
final class BrowserConnection: Sendable {
  private struct State {
    var last = 0
    var waiting: [Int: CheckedContinuation<JSONValue, any Error>] = [:]
    /// Who hears the events of a session.
    var listeners: [String: @Sendable (_ method: String, _ parameters: JSONValue) -> Void] = [:]
    var isClosed = false
  }

  private let process: BrowserProcess
  private let state = Mutex(State())

  init(_ process: BrowserProcess) throws {
    self.process = process
    guard OwnThread.start("browser", { [self] in read() }) else { throw BrowserFailure.gone }
  }

  /// A command's result. Throws ``BrowserFailure``.
  func call(_ method: String, _ parameters: JSONValue = [:], session: String? = nil) async throws -> JSONValue {
    try await withCheckedThrowingContinuation { continuation in
      let number = state.withLock { state -> Int? in
        guard !state.isClosed else { return nil }
        state.last += 1
        state.waiting[state.last] = continuation
        return state.last
      }
      guard let number else { return continuation.resume(throwing: BrowserFailure.gone) }
      var message: [String: JSONValue] = ["id": .number(Double(number)), "method": .string(method), "params": parameters]
      if let session { message["sessionId"] = .string(session) }
      write(Array(JSONValue.object(message).text.utf8) + [0])
    }
  }

  func listen(to session: String, _ listener: @escaping @Sendable (_ method: String, _ parameters: JSONValue) -> Void) {
    state.withLock { $0.listeners[session] = listener }
  }

  private func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(process.commands, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// On a thread of its own, until the browser is gone.
  private func read() {
    var held: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(process.answers, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      for byte in chunk[..<count] {
        guard byte == 0 else {
          held.append(byte)
          continue
        }
        receive(Data(held))
        held.removeAll(keepingCapacity: true)
      }
    }
    close(process.answers)
    let waiting = state.withLock { state in
      defer { state.waiting = [:] }
      state.isClosed = true
      return Array(state.waiting.values)
    }
    for continuation in waiting { continuation.resume(throwing: BrowserFailure.gone) }
  }

  private func receive(_ bytes: Data) {
    guard let message = try? JSONValue(parsing: bytes) else { return }
    if let number = message["id"]?.number.map({ Int($0) }) {
      let continuation = state.withLock { $0.waiting.removeValue(forKey: number) }
      let error = message["error"].map { BrowserFailure.refused($0.text) }
      continuation?.resume(with: error.map { .failure($0) } ?? .success(message["result"] ?? [:]))
    } else if let session = message["sessionId"]?.string, let method = message["method"]?.string {
      state.withLock { $0.listeners[session] }?(method, message["params"] ?? [:])
    }
  }
}

/// Why a browser did not do what a test asked.
public enum BrowserFailure: Error, CustomStringConvertible {
  /// It has ended, or never began.
  case gone
  /// A command that it does not carry out, with its own words.
  case refused(String)
  /// A script of the test's that threw, or a condition that did not come true in time.
  case script(String)

  public var description: String {
    switch self {
    case .gone: "the browser is gone"
    case .refused(let words): "the browser refused: \(words)"
    case .script(let words): words
    }
  }
}
