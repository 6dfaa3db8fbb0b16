import Glibc
import Model
import Synchronization
import Testing

@testable import Journal

@Suite("A journal whose disk refuses")
struct JournalDiskTests {
  let folder: TemporaryFolder
  let identity: NodeIdentity
  let disk = FailingDisk()

  init() throws {
    folder = try TemporaryFolder()
    identity = try NodeIdentity.load(dataFolder: folder.path)
  }

  @Test("Commits throw, records wait and are written when there is space again", arguments: [0, 1, 150])
  func full(partial: Int) async throws {
    let journal = try Journal.test(folder, identity: identity, disk: disk) { $0.retryDelay = .milliseconds(20) }
    disk.plan.withLock { $0 = FailingDisk.Plan(writeError: ENOSPC, partial: partial) }
    journal.record("stream.gap", ["n": 1])
    await #expect { try await journal.commit("verdict", ["n": 2]) } throws: { ($0 as? Fault)?.code == .diskFull }
    journal.record("stream.gap", ["n": 3])
    disk.plan.withLock { $0 = FailingDisk.Plan() }
    let fact = try await journal.commit("verdict", ["n": 4])
    #expect(fact.sequence == 4)
    await journal.close()
    #expect(Journal.verify(dataFolder: folder.path) == [])
    // The commit that threw is in no file: its caller was told so.
    #expect(Journal.read(dataFolder: folder.path).facts.compactMap { $0["n"]?.intValue } == [1, 3, 4])
  }

  @Test("Records alone are tried again by themselves")
  func retried() async throws {
    let journal = try Journal.test(folder, identity: identity, disk: disk) { $0.retryDelay = .milliseconds(5) }
    var facts = journal.subscribe().makeAsyncIterator()
    disk.plan.withLock { $0.writeError = EIO }
    journal.record("stream.gap", ["n": 1])
    await #expect { try await journal.commit("verdict", [:]) } throws: { ($0 as? Fault)?.code == .diskFailed }
    disk.plan.withLock { $0.writeError = nil }
    #expect(await facts.next()?["n"] == 1)
    await journal.close()
  }

  @Test("After an fsync that failed everything is written again, also when the cut fails at first")
  func sync() async throws {
    let journal = try Journal.test(folder, identity: identity, disk: disk)
    disk.plan.withLock { plan in
      plan.syncError = EIO
      plan.truncateError = EIO
    }
    await #expect { try await journal.commit("verdict", ["n": 1]) } throws: { ($0 as? Fault)?.code == .diskFailed }
    await #expect { try await journal.commit("verdict", ["n": 2]) } throws: { ($0 as? Fault)?.code == .diskFailed }
    disk.plan.withLock { $0 = FailingDisk.Plan() }
    _ = try await journal.commit("verdict", ["n": 3])
    await journal.close()
    #expect(Journal.verify(dataFolder: folder.path) == [])
    #expect(Journal.read(dataFolder: folder.path).facts.compactMap { $0["n"]?.intValue } == [3])
  }

  @Test("What no longer fits in memory is counted and told by a fact")
  func lost() async throws {
    let journal = try Journal.test(folder, identity: identity, disk: disk) { options in
      options.queueBytes = 10_000
      options.retryDelay = .seconds(3600)
    }
    disk.plan.withLock { $0.writeError = ENOSPC }
    await #expect(throws: Fault.self) { try await journal.commit("verdict", [:]) }
    for number in 0..<100 { journal.record(number % 2 == 0 ? "even" : "odd", ["n": .int(Int64(number))]) }
    disk.plan.withLock { $0.writeError = nil }
    await journal.close()
    #expect(Journal.verify(dataFolder: folder.path) == [])
    let facts = Journal.read(dataFolder: folder.path).facts
    let kept = facts.compactMap { $0["n"]?.intValue }
    #expect(kept == Array(0..<Int64(kept.count)))
    let lost = try #require(facts.first { $0.kind == FactKind.journalLost })
    // `node.stopped` goes by the room that is kept for what the node itself must say.
    #expect(lost["kinds"]?[FactKind.nodeStopped] == nil && facts.contains { $0.kind == FactKind.nodeStopped })
    #expect(lost["count"] == .int(Int64(100 - kept.count)))
    #expect((lost["kinds"]?["even"]?.intValue ?? 0) + (lost["kinds"]?["odd"]?.intValue ?? 0) == Int64(100 - kept.count))
    #expect(kept.count > 20 && kept.count < 60)
  }

  @Test("A journal that cannot be written at start says so and lets go of the folder")
  func atStart() async throws {
    disk.plan.withLock { $0.writeError = ENOSPC }
    #expect { try Journal.test(folder, identity: identity, disk: disk) } throws: { ($0 as? Fault)?.code == .diskFull }
    disk.plan.withLock { $0.writeError = nil }
    let journal = try Journal.test(folder, identity: identity, disk: disk)
    await journal.close()
    #expect(Journal.verify(dataFolder: folder.path) == [])
  }

  @Test(
    "On a full file system relaying code is told, and facts come back with the space", .enabled(if: getuid() == 0, "mounting needs root"))
  func realDisk() async throws {
    let mount = folder.path + "/small"
    try Disk.makeFolder(mount)
    let mounted = try run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", mount])
    guard mounted.status == 0 else {
      return withKnownIssue("this machine does not let us mount: \(mounted.output)") { Issue.record("no mount") }
    }
    defer { _ = try? run(["umount", mount]) }
    let key = try NodeIdentity.load(dataFolder: mount)
    let journal = try Journal.open(dataFolder: mount, node: "county", identity: key, version: "1.0")
    let padding = JSON.string(String(repeating: "x", count: 10_000))
    var committed = 0
    var fault: Fault?
    while fault == nil {
      do {
        _ = try await journal.commit("verdict", ["padding": padding])
        committed += 1
      } catch { fault = error as? Fault }
    }
    #expect(fault?.code == .diskFull)
    #expect(committed > 10)
    #expect(try run(["mount", "-o", "remount,size=1m", mount]).status == 0)
    _ = try await journal.commit("verdict", ["after": true])
    await journal.close()
    #expect(Journal.verify(dataFolder: mount) == [])
    #expect(Journal.read(dataFolder: mount).facts.filter { $0["padding"] != nil }.count == committed)
  }

  @Test("On a disk that others have filled incidents go on to the disk, the rest waits in memory and is written when there is room again")
  func reserve() async throws {
    let journal = try Journal.test(folder, identity: identity, disk: disk) { $0.reserveBytes = 64 << 10 }
    disk.plan.withLock { $0.isFull = true }
    // Uses the half up that is kept without asking.
    for number in 0..<60 {
      _ = try await journal.commit("incident.note", ["n": .int(Int64(number)), "x": .string(String(repeating: "x", count: 600))])
    }
    journal.record(FactKind.streamStarted, ["n": 100])
    _ = try await journal.commit(FactKind.incidentOpened, ["n": 101])
    #expect(Journal.read(dataFolder: folder.path).facts.last?["n"] == 101)
    await journal.close()
    #expect(Journal.verify(dataFolder: folder.path) == [])
    #expect(Journal.read(dataFolder: folder.path).facts.contains { $0["n"] == 100 }, "what waited is written at the end")
  }

  @Test(
    "A real file system of 32 MB that others fill to the last block takes two thousand incident facts",
    .enabled(if: geteuid() == 0, "mounting needs root"))
  func realFullDisk() async throws {
    let mounted = folder.path + "/disk"
    guard mkdir(mounted, 0o755) == 0, mount("tmpfs", mounted, "tmpfs", 0, "size=32m") == 0 else {
      return print("SKIPPED: no file system may be mounted here")
    }
    defer { umount2(mounted, Int32(MNT_DETACH)) }
    let journal = try Journal.open(dataFolder: mounted + "/data", node: "n", identity: .temporary(), version: "0")
    let filler = open(mounted + "/filler", O_WRONLY | O_CREAT, 0o600)
    let block = [UInt8](repeating: 1, count: 4096)
    while write(filler, block, block.count) > 0 {}
    #expect(errno == ENOSPC)
    close(filler)
    for number in 0..<2000 {
      _ = try await journal.commit(FactKind.incidentCalledOut, ["n": .int(Int64(number)), "x": .string(String(repeating: "x", count: 300))])
    }
    await journal.close()
    #expect(Journal.verify(dataFolder: mounted + "/data") == [])
    #expect(Journal.read(dataFolder: mounted + "/data").facts.filter { $0.kind == FactKind.incidentCalledOut }.count == 2000)
  }
}
