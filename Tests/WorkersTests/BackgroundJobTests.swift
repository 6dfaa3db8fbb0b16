import Foundation
import Model
import NIOCore
import Synchronization
import Testing

@testable import Workers

@Suite("Background jobs of the pool", .enabled(if: Samples.hasPython, "python3 is not installed"), .timeLimit(.minutes(1)))
struct BackgroundJobTests {
  private final class Finished: Sendable { let names = Mutex<[String]>([]) }

  private func look(_ bench: DecodePoolTests.Bench, _ text: String) async throws -> DecodedLooks {
    try await bench.pool.look(at: [Samples.unit(Array(text.utf8))], of: Samples.track)
  }

  /// The worker that says, by a file, that it is in the job that waits.
  private func busyWorker(in folder: TemporaryFolder) async throws -> Int32 {
    while true {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      if let pid = names.compactMap({ $0.hasPrefix("pid-") ? Int32($0.dropFirst(4)) : nil }).first { return pid }
      await Task.yield()
    }
  }

  private func go(_ bench: DecodePoolTests.Bench) { _ = FileManager.default.createFile(atPath: bench.folder.file("go"), contents: nil) }

  @Test("leave one worker free for first pictures, however many wait") func oneStaysFree() async throws {
    let bench = try DecodePoolTests.bench("waits")
    async let struck = look(bench, "wait")
    let busy = try await busyWorker(in: bench.folder)
    let finished = Finished()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<5 {
        group.addTask {
          _ = try await self.look(bench, "x")
          finished.names.withLock { $0.append("look") }
        }
      }
      // First pictures go through the other worker, one after the other, while the looks wait for the one that is at it.
      for count in 1...5 {
        let result = try await bench.pool.probe(Samples.unit(Array(repeating: 1, count: count)), track: Samples.track)
        #expect(result.width == count && result.height != Int(busy))
      }
      #expect(finished.names.withLock { $0 }.isEmpty)
      go(bench)
      try await group.waitForAll()
    }
    #expect(try await struck.cost.value == Int64(busy))
    #expect(finished.names.withLock { $0 }.count == 5)
    await bench.pool.stop()
  }

  @Test("wait behind first pictures where there is one worker only") func behind() async throws {
    let bench = try DecodePoolTests.bench("waits", workers: 1)
    async let struck = look(bench, "wait")
    _ = try await busyWorker(in: bench.folder)
    let order = Finished()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for name in ["look", "first"] {
        group.addTask {
          if name == "look" { _ = try await self.look(bench, "x") } else { _ = try await bench.pool.probe(Samples.unit([1]), track: Samples.track) }
          order.names.withLock { $0.append(name) }
        }
        while bench.pool.waitingJobs < (name == "look" ? 1 : 2) { await Task.yield() }
      }
      go(bench)
      try await group.waitForAll()
    }
    _ = try await struck
    #expect(order.names.withLock { $0 } == ["first", "look"])
    await bench.pool.stop()
  }

  @Test("are given up with the worker that they killed") func once() async throws {
    let bench = try DecodePoolTests.bench("killed-in-first-job", workers: 1)
    let fault = await #expect(throws: Fault.self) { _ = try await self.look(bench, "x") }
    #expect(fault?.code == .workerDied)
    let after = try await look(bench, "abc")
    #expect(after.looks.map(\.variancePPM) == [3])
    await bench.pool.stop()
  }

  @Test("carry several units there and several pictures back") func several() async throws {
    let bench = try DecodePoolTests.bench("plain")
    let units = try [[1, 2, 3], [4], [5, 6]].map { try Samples.unit($0) }
    let found = try await bench.pool.look(at: units, of: Samples.track)
    #expect(found.looks.map(\.position) == [0, 1, 2])
    #expect(found.looks.allSatisfy { $0.darkPerMille == 7 && $0.variancePPM == 6 && $0.thumbnail.count == 2304 })
    await bench.pool.stop()
  }
}
