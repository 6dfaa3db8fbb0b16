import Foundation

/// Malformed bytes against one TCP port, each input on a connection of its own, a few at a time.
enum Attack {
  struct Outcome: Sendable {
    var sent = 0
    /// Connections that the port did not take.
    var refused = 0
    /// Inputs that something was answered to.
    var answered = 0
    /// How often each status line came, of RTSP or HTTP.
    var statuses: [Int: Int] = [:]
  }

  /// Written under its lock by the attacking threads.
  final class Tally: @unchecked Sendable {
    private let lock = NSLock()
    private var outcome = Outcome()

    func change(_ body: (inout Outcome) -> Void) { lock.withLock { body(&outcome) } }
    var value: Outcome { lock.withLock { outcome } }
  }

  static func run(_ inputs: [[UInt8]], port: Int) async -> Outcome {
    let tally = Tally()
    await onThreads(8) { lane in
      for index in stride(from: lane, to: inputs.count, by: 8) { send(inputs[index], port, manner: index / 8 % 3, tally) }
    }
    return tally.value
  }

  /// Runs `body` on `count` threads and waits for all: it blocks, and must not on Swift's own threads.
  static func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async {
    let group = DispatchGroup()
    for lane in 0..<count {
      group.enter()
      Thread.detachNewThread {
        body(lane)
        group.leave()
      }
    }
    await withCheckedContinuation { continuation in group.notify(queue: .global()) { continuation.resume() } }
  }

  /// Three ways to leave: after the answer, after a half-close, at once with a reset.
  private static func send(_ input: [UInt8], _ port: Int, manner: Int, _ tally: Tally) {
    guard let socket = try? RawSocket.tcp(port: port) else { return tally.change { $0.refused += 1 } }
    socket.write(input)
    tally.change { $0.sent += 1 }
    if manner == 2 { return socket.abort() }
    if manner == 1 { socket.finishWriting() }
    guard case .bytes(let answer) = socket.read() else { return }
    tally.change {
      $0.answered += 1
      if let status = status(answer) { $0.statuses[status, default: 0] += 1 }
    }
  }

  /// Of `RTSP/1.0 400 …` or `HTTP/1.1 400 …`.
  static func status(_ answer: [UInt8]) -> Int? {
    guard answer.starts(with: Array("RTSP/".utf8)) || answer.starts(with: Array("HTTP/".utf8)) else { return nil }
    return Int(String(decoding: answer.dropFirst(9).prefix(3), as: UTF8.self))
  }
}
