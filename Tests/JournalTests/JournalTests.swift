import Glibc
import Model
import Synchronization
import Testing

@testable import Journal

@Suite("The journal")
struct JournalTests {
  let folder: TemporaryFolder
  let identity: NodeIdentity

  init() throws {
    folder = try TemporaryFolder()
    identity = try NodeIdentity.load(dataFolder: folder.path)
  }

  var first: String { folder.path + "/journal/journal-000001.jsonl" }

  @Test("A line has the envelope's members in their order, then the fact's own sorted")
  func line() async throws {
    let journal = try Journal.test(folder, identity: identity)
    let fact = try await journal.commit("incident.opened", ["title": "山火 \"A\"\n", "devices": [1, nil, true], "Z": ["b": 1, "a": 2]])
    await journal.close()
    let lines = try lines(of: first)
    #expect(lines.count == 3)
    let expected =
      #"{"v":1,"node":"county","boot":"b0071d00-0000-4000-8000-000000000001","seq":2,"boottimeNs":\#(fact.bootTime.nanoseconds),"#
      + #""wall":"\#(fact.wall)","kind":"incident.opened","prev":"\#(fact.previous)","#
      + #""Z":{"a":2,"b":1},"devices":[1,null,true],"title":"山火 \"A\"\n"}"# + "\n"
    #expect(text(lines[1]) == expected)
    #expect(fact.previous == JournalLine.hash(lines[0]))
    #expect(fact.hash == JournalLine.hash(lines[1]))
    #expect(try JournalLine.parse(lines[1]) == fact)
    #expect(try JournalLine.parse(lines[0]).previous == String(repeating: "0", count: 64))
    #expect(try JournalLine.parse(lines[0]).kind == FactKind.nodeStarted)
    #expect(try JournalLine.parse(lines[0])["pid"] == .int(Int64(getpid())))
    #expect(try JournalLine.parse(lines[2]).kind == FactKind.nodeStopped)
  }

  @Test("A commit is on the disk when it returns")
  func durable() async throws {
    let journal = try Journal.test(folder, identity: identity)
    for number in 0..<20 {
      let fact = try await journal.commit("link.up", ["n": .int(Int64(number))])
      #expect(try lines(of: first).last.map(JournalLine.hash) == fact.hash)
      #expect(journal.last.sequence == fact.sequence)
    }
    await journal.close()
  }

  @Test("Recorded facts go out together with one fsync, and before a commit that came after them")
  func groups() async throws {
    let disk = FailingDisk()
    let journal = try Journal.test(folder, identity: identity, disk: disk)
    let before = disk.plan.withLock { $0.syncs }
    for number in 0..<500 { journal.record("stream.gap", ["n": .int(Int64(number))]) }
    let fact = try await journal.commit("verdict", [:])
    #expect(disk.plan.withLock { $0.syncs } - before <= 3)
    #expect(fact.sequence == 502)
    #expect(journal.recent(limit: 3).map(\.kind) == ["stream.gap", "stream.gap", "verdict"])
    await journal.close()
    #expect(Journal.verify(dataFolder: folder.path) == [])
  }

  @Test("A recorded fact is written without any commit, within the group delay")
  func recordAlone() async throws {
    let journal = try Journal.test(folder, identity: identity)
    var facts = journal.subscribe().makeAsyncIterator()
    let begin = monotonicNow()
    journal.record("clock.step", ["stepNs": 5])
    let fact = await facts.next()
    let took = monotonicNow() - begin
    #expect(fact?.kind == "clock.step")
    #expect(took >= 45_000_000)
    #expect(try lines(of: first).count == 2)
    await journal.close()
  }

  @Test("An event's own time gives boot time and wall label of that instant")
  func at() async throws {
    let clock = TestClock()
    let journal = try Journal.test(folder, identity: identity, clock: clock)
    let reading = clock.reading()
    let event = BootTime(nanoseconds: reading.boot.nanoseconds - 700_000_000)
    let fact = try await journal.commit("picture.decoded", [:], at: event)
    #expect(fact.bootTime == event)
    #expect(WallTime(fact.wall)?.nanoseconds == reading.kernel.nanoseconds - 700_000_000)
    await journal.close()
  }

  @Test(
    "Fields that an envelope's member would hide, bad names and bad kinds are refused",
    arguments: [
      ("verdict", "seq"), ("verdict", "kind"), ("verdict", "prev"), ("verdict", "a b"), ("verdict", "1a"), ("verdict", ""), ("a..b", "x"),
      ("", "x"), ("a\"b", "x"), ("верд", "x"),
    ])
  func refused(kind: String, field: String) async throws {
    let journal = try Journal.test(folder, identity: identity)
    await #expect { try await journal.commit(kind, [field: 1]) } throws: { ($0 as? Fault)?.code == .factInvalid }
    // A recorded one cannot throw: the journal tells of it, so that it is not silently lost.
    journal.record(kind, [field: 1])
    await journal.close()
    let facts = Journal.read(dataFolder: folder.path).facts
    #expect(facts.map(\.kind) == [FactKind.nodeStarted, FactKind.journalRejected, FactKind.nodeStopped])
  }

  @Test("A fact too long for a line is refused")
  func tooLong() async throws {
    let journal = try Journal.test(folder, identity: identity)
    let long = JSON.string(String(repeating: "x", count: JournalLine.maximumBytes))
    await #expect { try await journal.commit("verdict", ["a": long]) } throws: { ($0 as? Fault)?.code == .factInvalid }
    await journal.close()
  }

  @Test("Files rotate and the chain continues across them, also over a restart")
  func rotation() async throws {
    for _ in 0..<3 {
      let journal = try Journal.test(folder, identity: identity) { $0.maximumFileBytes = 2000 }
      for _ in 0..<10 { _ = try await journal.commit("stream.started", ["stream": "live/cam1"]) }
      await journal.close()
    }
    #expect(try Disk.entries(folder.path + "/journal").filter { $0.hasPrefix("journal-") }.count > 3)
    #expect(Journal.verify(dataFolder: folder.path) == [])
    let (facts, problem) = Journal.read(dataFolder: folder.path)
    #expect(problem == nil)
    #expect(facts.map(\.sequence) == Array(1...36))
  }

  @Test("A second process is refused while the folder is in use, and let in afterwards")
  func lock() async throws {
    let journal = try Journal.test(folder, identity: identity)
    #expect { try Journal.test(folder, identity: identity) } throws: { ($0 as? Fault)?.code == .dataFolderInUse }
    await journal.close()
    await #expect { try await journal.commit("verdict", [:]) } throws: { ($0 as? Fault)?.code == .journalClosed }
    let again = try Journal.test(folder, identity: identity)
    await again.close()
    #expect(again.recent().map(\.kind) == ["node.started", "node.stopped", "node.started", "node.stopped"])
  }

  @Test("A subscriber receives each fact after its fsync, one that reconnects of those it missed")
  func subscription() async throws {
    let journal = try Journal.test(folder, identity: identity)
    var live = journal.subscribe().makeAsyncIterator()
    for number in 0..<5 {
      let fact = try await journal.commit("link.up", ["n": .int(Int64(number))])
      #expect(await live.next() == fact)
    }
    var late = journal.subscribe(after: 3).makeAsyncIterator()
    #expect(await late.next()?.sequence == 4)
    #expect(await late.next()?.sequence == 5)
    await journal.close()
    #expect(await late.next()?.sequence == 6)
    #expect(await late.next()?.kind == FactKind.nodeStopped)
    #expect(await late.next() == nil)
  }

  @Test("Many threads' facts all arrive, each caller's in its own order")
  func concurrent() async throws {
    let journal = try Journal.test(folder, identity: identity)
    await withTaskGroup(of: Void.self) { group in
      for caller in 0..<8 {
        group.addTask {
          for number in 0..<50 {
            if number % 10 == 0 {
              _ = try? await journal.commit("a", ["caller": .int(Int64(caller)), "n": .int(Int64(number))])
            } else {
              journal.record("a", ["caller": .int(Int64(caller)), "n": .int(Int64(number))])
            }
          }
        }
      }
    }
    await journal.close()
    #expect(Journal.verify(dataFolder: folder.path) == [])
    let facts = Journal.read(dataFolder: folder.path).facts.filter { $0.kind == "a" }
    for caller in 0..<8 {
      #expect(facts.filter { $0["caller"] == .int(Int64(caller)) }.map { $0["n"]?.intValue ?? -1 } == (0..<50).map(Int64.init))
    }
  }

  @Test("The reader in the documentation follows the chain and checks the heads", .enabled(if: hasProgram("python3"), "needs python3"))
  func python() async throws {
    for _ in 0..<2 {
      let journal = try Journal.test(folder, identity: identity) { $0.maximumFileBytes = 2000 }
      for number in 0..<10 {
        _ = try await journal.commit("stream.gap", ["stream": "live/摄像头", "n": .int(Int64(number)), "text": "\u{1}\"\\/"])
      }
      await journal.close()
    }
    try write(Array(try documentedReader("journal.md").utf8), to: folder.path + "/reader.py")
    let facts = Journal.read(dataFolder: folder.path).facts
    let good = try run(["python3", folder.path + "/reader.py", folder.path])
    #expect(good.output == facts.map { "\($0.sequence) \($0.kind) \($0.hash)\n" }.joined() + "ok\n")
    var changed = try bytes(of: first)
    changed[200] ^= 1
    try write(changed, to: first)
    #expect(try run(["python3", folder.path + "/reader.py", folder.path]).status != 0)
  }
}
