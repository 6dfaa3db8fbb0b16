import Model
import Testing

@testable import Journal

/// Files of the first version, committed. Whatever this room becomes, it must read them for ever; when one of these tests fails, the code is wrong.
@Suite("Files written by the first version")
struct GoldenTests {
  let corpora = repository + "/Tests/WireTests/Corpora"

  @Test("The journal verifies and tells what it told")
  func journal() throws {
    #expect(Journal.verify(dataFolder: corpora + "/journal") == [])
    let (facts, problem) = Journal.read(dataFolder: corpora + "/journal")
    #expect(problem == nil)
    #expect(
      facts.map(\.kind) == [
        "node.started", "incident.opened", "future.kind", "node.stopped", "node.started", "incident.opened", "future.kind", "node.stopped",
      ])
    #expect(facts.last?.hash == "8526fb951e77f4f14cdec29abaf3ef381d8c006ea27f1d3adfeeab5d020ce532")
    let opened = try #require(facts.dropFirst().first)
    #expect(opened["title"] == "山火 \"A\"\n")
    #expect(opened["devices"] == [["class": "bodycam", "device": "cam1"]])
    #expect(opened["n"] == .int(.min))
    #expect(opened["m"] == .int(.max))
    #expect(opened["none"] == .null)
    #expect(facts[2]["nested"] == ["a": [1, [2]], "z": 2, "é": 1])
  }

  @Test("Written again, a fact has the same bytes")
  func sameBytes() throws {
    for line in try lines(of: corpora + "/journal/journal/journal-000001.jsonl") {
      let fact = try JournalLine.parse(line)
      let body = try JournalLine.body(kind: fact.kind, fields: fact.fields.filter { !JournalLine.envelope.contains($0.key) })
      let again = JournalLine.bytes(
        node: fact.node, boot: fact.boot, sequence: fact.sequence, bootTime: fact.bootTime, wall: fact.wall, kind: fact.kind,
        previous: fact.previous, body: body)
      #expect(text(again) == text(line))
    }
  }

  @Test("The sample file gives the same records and hashes")
  func samples() throws {
    let file = try SampleFile(dataFolder: corpora, name: "samples/session.ffs")
    #expect(file.problem == nil)
    var traffic = try SampleTraffic()
    traffic.tellsReadings = false
    let records = traffic.records(seconds: 62)
    #expect(file.header == traffic.header)
    #expect(file.records == records)
    #expect(
      file.blocks.map(\.sha256) == [
        "27101d89e329c63620612781ece79c8f28276f53c10e1e0cefc7e7cf4338f799", "8d42454a17aa31fea59e4e8809d09cfae97d3ea39b1836288476a587820152cc",
      ])
  }
}
