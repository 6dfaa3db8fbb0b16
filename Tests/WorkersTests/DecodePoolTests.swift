import Foundation
import Model
import NIOCore
import Testing

@testable import Pipelines
@testable import Workers

@Suite("The pool of decode workers", .enabled(if: Samples.hasPython, "python3 is not installed")) struct DecodePoolTests {
  static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Support/fake_worker.py").path

  struct Bench {
    let folder: TemporaryFolder
    let events: Events
    let pool: DecodePool
    var socket: String { folder.file("run/media.sock") }
  }

  static func bench(_ behaviour: String, workers: Int = 2, change: (inout DecodePoolSettings) -> Void = { _ in }) throws -> Bench {
    let folder = try TemporaryFolder()
    let events = Events()
    let state = folder.path
    var settings = DecodePoolSettings(socketPath: folder.file("run/media.sock"))
    settings.workers = workers
    change(&settings)
    let launcher = ProcessLauncher(executable: "/usr/bin/python3") { [script, behaviour, state, "--socket", $0] }
    return Bench(folder: folder, events: events, pool: try DecodePool.start(settings, launcher: launcher, onEvent: events.add))
  }

  private func isAlive(_ pid: Int32) -> Bool { kill(pid, 0) == 0 }

  @Test("gives jobs to workers of another make, by the contract alone, and leaves none behind") func contract() async throws {
    let bench = try Self.bench("plain")
    let results = try await withThrowingTaskGroup(of: DecodeResult.self) { group in
      for count in 1...20 {
        group.addTask { try await bench.pool.probe(Samples.unit(Array(repeating: 1, count: count)), track: Samples.track) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(results.map(\.width)) == Set(1...20))
    #expect(results.allSatisfy { $0.ok && $0.jpeg.readableBytes == $0.width })
    await bench.events.wait { Events.started($0).count == 2 }
    let pids = Events.started(bench.events.all)
    #expect(pids.allSatisfy(isAlive))
    await bench.pool.stop()
    #expect(!pids.contains(where: isAlive))
    #expect(Events.died(bench.events.all) == [])
    await #expect(throws: Fault(.workerDied, "the pool is closed")) { try await bench.pool.probe(Samples.unit([1]), track: Samples.track) }
  }

  @Test("keeps the folder and the socket to its own user") func modes() async throws {
    let bench = try Self.bench("plain", workers: 1)
    let folder = try FileManager.default.attributesOfItem(atPath: bench.folder.file("run"))[.posixPermissions] as? Int
    let socket = try FileManager.default.attributesOfItem(atPath: bench.socket)[.posixPermissions] as? Int
    #expect(folder == 0o700)
    #expect(socket == 0o600)
    await bench.pool.stop()
  }

  @Test("gives a job to another worker when the first is killed in it") func killedInJob() async throws {
    let bench = try Self.bench("killed-in-first-job")
    let result = try await bench.pool.probe(Samples.unit([1, 2, 3]), track: Samples.track)
    #expect(result.width == 3)
    await bench.events.wait { Events.died($0).count == 1 && Events.started($0).count == 3 }
    await bench.pool.stop()
  }

  @Test("goes on with another job while a worker is killed in mid-job, and is whole again after") func sigkill() async throws {
    let bench = try Self.bench("waits")
    async let struck = bench.pool.probe(Samples.unit(Array("wait".utf8)), track: Samples.track)
    let victim = try await Self.busyWorker(in: bench.folder)
    let other = try await bench.pool.probe(Samples.unit([7]), track: Samples.track)
    #expect(other.ok)
    #expect(other.height != Int(victim))
    kill(victim, SIGKILL)
    await bench.events.wait { Events.died($0) == [victim] }
    _ = FileManager.default.createFile(atPath: bench.folder.file("go"), contents: nil)
    let result = try await struck
    #expect(result.ok)
    #expect(result.height != Int(victim))
    await bench.events.wait { Events.started($0).count == 3 }
    #expect(try await bench.pool.probe(Samples.unit([7, 7]), track: Samples.track).width == 2)
    await bench.pool.stop()
  }

  /// The worker that says, by a file, that it is in the job that waits. Asked of the file system because the worker shares nothing else with us.
  private static func busyWorker(in folder: TemporaryFolder) async throws -> Int32 {
    while true {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      if let pid = names.compactMap({ $0.hasPrefix("pid-") ? Int32($0.dropFirst(4)) : nil }).first { return pid }
      await Task.yield()
    }
  }

  @Test("gives up a job that has killed two workers, and starts them again") func poison() async throws {
    let bench = try Self.bench("always-killed")
    let fault = await #expect(throws: Fault.self) { try await bench.pool.probe(Samples.unit([1]), track: Samples.track) }
    #expect(fault?.code == .workerDied)
    await bench.events.wait { Events.died($0).count == 2 && Events.started($0).count >= 3 }
    await bench.pool.stop()
  }

  @Test("kills a worker that hangs, answers nonsense or answers another question", arguments: ["hangs-in-first-job", "garbage", "wrong-id"])
  func misbehaves(behaviour: String) async throws {
    let bench = try Self.bench(behaviour) { $0.jobTimeout = .milliseconds(400) }
    let result = try await bench.pool.probe(Samples.unit([1, 2]), track: Samples.track)
    #expect(result.width == 2)
    await bench.events.wait { Events.died($0).count == 1 }
    let dead = Events.died(bench.events.all)
    #expect(!dead.contains(where: isAlive))
    await bench.pool.stop()
  }

  @Test("refuses jobs beyond its queue, and those that no worker came for", arguments: ["never-connects", "ends-at-once", "future"])
  func noWorker(behaviour: String) async throws {
    let bench = try Self.bench(behaviour, workers: 1) {
      $0.queueLimit = 3
      $0.queueTimeout = .milliseconds(300)
      $0.helloTimeout = .milliseconds(600)
    }
    let faults = await withTaskGroup(of: Fault?.self) { group in
      for _ in 0..<5 {
        group.addTask {
          do {
            _ = try await bench.pool.probe(Samples.unit([1]), track: Samples.track)
            return nil
          } catch { return error as? Fault }
        }
      }
      return await group.reduce(into: [Fault]()) { if let fault = $1 { $0.append(fault) } }
    }
    #expect(faults.filter { $0 == Fault(.workerBusy, "3 jobs wait") }.count == 2)
    #expect(faults.filter { $0 == Fault(.workerBusy, "no worker in time") }.count == 3)
    await bench.events.wait { Events.died($0).count >= 2 }
    await bench.pool.stop()
  }

  @Test("tells when nothing can be started") func notStarted() async throws {
    let folder = try TemporaryFolder()
    let events = Events()
    let pool = try DecodePool.start(
      DecodePoolSettings(socketPath: folder.file("run/media.sock")), launcher: ProcessLauncher(executable: "/nowhere/firstframe") { _ in [] },
      onEvent: events.add)
    await events.wait { !$0.isEmpty }
    guard case .notStarted(let fault) = events.all.first else {
      Issue.record("\(events.all)")
      return
    }
    #expect(fault.code == .workerDied)
    await pool.stop()
  }

  @Test("does not take a path that is too long for a socket") func longPath() throws {
    let folder = try TemporaryFolder()
    let fault = #expect(throws: Fault.self) {
      _ = try DecodePool.start(DecodePoolSettings(socketPath: folder.file(String(repeating: "x", count: 120))))
    }
    #expect(fault?.code == .configInvalid)
  }

  @Test("keeps secrets of the relay's environment from its workers") func environment() {
    setenv("FIRSTFRAME_TEST_SECRET", "x", 1)
    let names = Set(ProcessLauncher.environment().compactMap { $0.split(separator: "=").first.map(String.init) })
    #expect(!names.contains("FIRSTFRAME_TEST_SECRET"))
    #expect(names.isSubset(of: ProcessLauncher.keptVariables.union(["MALLOC_ARENA_MAX"])) || names.contains { $0.hasPrefix("GST_") })
    #expect(names.contains("PATH"))
  }
}
