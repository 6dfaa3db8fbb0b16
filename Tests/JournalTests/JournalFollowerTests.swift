import GRDB
import Glibc
import Model
import Testing

@testable import Journal

@Suite("Following a journal into an index")
struct JournalFollowerTests {
  let folder: TemporaryFolder
  let identity: NodeIdentity

  init() throws {
    folder = try TemporaryFolder()
    identity = try NodeIdentity.load(dataFolder: folder.path)
  }

  private func write(_ count: Int, bytes: Int64 = 64 << 20) async throws {
    let journal = try Journal.test(folder, identity: identity) { $0.maximumFileBytes = bytes }
    for number in 0..<count { journal.record("stream.gap", ["n": .int(Int64(number))]) }
    await journal.close()
  }

  private var facts: [Fact] { Journal.read(dataFolder: folder.path).facts }
  private func follower(_ index: any FactIndex) -> JournalFollower { JournalFollower(dataFolder: folder.path, index: index) }

  @Test("It goes on where it stopped, over files and batches, up to the limit that it is given")
  func goesOn() async throws {
    try await write(JournalFollower.batch + 40, bytes: 40_000)
    let index = MemoryFactIndex()
    #expect(try follower(index).catchUp(through: 7) == 7)
    #expect(index.facts(FactQuery()).map(\.sequence) == Array(1...7))
    #expect(try follower(index).catchUp(through: .max) == Int64(facts.count))
    #expect(try await index.allFacts(FactQuery()) == facts)
    #expect(index.bookmark().file > 1)
    try await write(3)
    #expect(try follower(index).catchUp(through: .max) == Int64(facts.count))
    #expect(try await index.allFacts(FactQuery()) == facts)
    #expect(index.erased == 0)
  }

  @Test("An index of another journal is erased and made again")
  func otherJournal() async throws {
    try await write(20)
    let index = MemoryFactIndex()
    _ = try follower(index).catchUp(through: .max)
    for name in try Disk.entries(folder.path + "/journal") { unlink(folder.path + "/journal/" + name) }
    let journal = try Journal.test(folder, identity: identity, clock: TestClock(77))
    await journal.close()
    #expect(try follower(index).catchUp(through: .max) == 2)
    #expect(index.facts(FactQuery()) == facts)
    #expect(index.erased == 1)
  }

  @Test("A damaged index is erased and filled from the start; any other refusal is passed on")
  func damagedIndex() async throws {
    try await write(20)
    let index = MemoryFactIndex()
    _ = try follower(index).catchUp(through: 9)
    index.refuse([Fault(.archiveBroken, "page 7")])
    #expect(try follower(index).catchUp(through: .max) == 22)
    #expect(index.erased == 1)
    #expect(index.facts(FactQuery()) == facts)
    index.refuse([Fault(.diskFull, "index")])
    #expect { try follower(index).catchUp(through: .max) } throws: { ($0 as? Fault)?.code == .diskFull }
    #expect(index.erased == 1)
  }

  @Test("An SQLite file that is damaged under a running node is found and made again")
  func damagedFile() async throws {
    try await write(2000)
    let index = try SQLiteFactIndex(dataFolder: folder.path)
    #expect(try follower(index).catchUp(through: .max) == 2002)
    let path = folder.path + "/index.sqlite"
    // The log has to be in the file before the file is spoilt.
    try await DatabaseQueue(path: path).writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
    let size = try bytes(of: path).count
    let file = open(path, O_WRONLY)
    let noise = [UInt8](repeating: 0xA5, count: size)
    #expect(pwrite(file, noise, noise.count, 0) == noise.count)
    close(file)
    try index.erase()
    #expect(try index.bookmark() == .start)
    #expect(try follower(index).catchUp(through: .max) == 2002)
    #expect(try await index.allFacts(FactQuery()) == facts)
  }
}
