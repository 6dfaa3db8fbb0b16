import Glibc
import Journal
import Model
import Testing

@Suite("Personal data")
struct CommitmentTests {
  @Test("The value can be shown, cannot be exchanged, and can be forgotten without breaking the chain")
  func life() async throws {
    let folder = try TemporaryFolder()
    let identity = try NodeIdentity.load(dataFolder: folder.path)
    let journal = try Journal.test(folder, identity: identity)
    let store = PrivateStore(dataFolder: folder.path)
    let person: JSON = ["name": "张三", "phone": "13800000000"]
    let commitment = try await store.keep(person)
    let fact = try await journal.commit("incident.calledOut", ["incident": "i1", "by": commitment.json])
    #expect(Commitment(fact["by"]) == commitment)
    #expect(try await store.reveal(commitment) == person)
    let path = "\(folder.path)/private/\(commitment.id).json"
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)

    let other = text(try bytes(of: path)).replacing("张三", with: "李四")
    try write(Array(other.utf8), to: path)
    await #expect { try await store.reveal(commitment) } throws: { ($0 as? Fault)?.code == .journalBroken }

    #expect(try await store.remove(commitment))
    #expect(try await store.reveal(commitment) == nil)
    #expect(try await store.remove(commitment) == false)
    await journal.close()
    #expect(Journal.verify(dataFolder: folder.path) == [])
    #expect(!text(try bytes(of: folder.path + "/journal/journal-000001.jsonl")).contains("张三"))
  }

  @Test("Equal values have different commitments, and the documented formula gives ours")
  func formula() async throws {
    let folder = try TemporaryFolder()
    let store = PrivateStore(dataFolder: folder.path)
    let first = try await store.keep("张三")
    #expect(try await store.keep("张三").sha256 != first.sha256)
    let script = """
      import hashlib, json, sys
      side = json.load(open(sys.argv[1]))
      value = json.dumps(side["value"], ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
      print(hashlib.sha256(b"FirstFrame commitment v1\\n" + bytes.fromhex(side["salt"]) + value).hexdigest())
      """
    let result = try run(["python3", "-c", script, "\(folder.path)/private/\(first.id).json"])
    #expect(result.output == first.sha256 + "\n")
  }

  @Test("An id from outside never becomes a path")
  func traversal() async throws {
    let folder = try TemporaryFolder()
    let store = PrivateStore(dataFolder: folder.path)
    #expect(Commitment(["id": "../../keys/node", "sha256": .string(String(repeating: "0", count: 64))]) == nil)
    let forged = Commitment(id: "../keys/node", value: nil, salt: [])
    await #expect(throws: Fault.self) { try await store.reveal(forged) }
    #expect(try await store.remove(forged) == false)
  }
}
