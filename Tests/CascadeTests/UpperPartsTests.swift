import FirstFrameTesting
import Foundation
import Journal
import Model
import Testing

@testable import Cascade

/// A delegate that nobody calls.
private final class Nobody: LinkDelegate {
  func linkOpened(_ link: LinkChannel, peer: LinkHandshake.Party) {}
  func linkReceived(_ message: LinkMessage, arrival: BootTime, on link: LinkChannel) {}
  func linkClosed(_ link: LinkChannel, reason: Fault) {}
}

@Suite("The links of lower nodes")
struct LowerLinksTests {
  private let nobody = Nobody()

  private func link() throws -> LinkChannel {
    LinkChannel(role: .lower(expected: ""), identity: try .temporary(), node: "n", clock: SystemClock(), delegate: nobody)
  }

  @Test("are one a node: the newer replaces the older, whose end then ends nothing")
  func replaced() throws {
    let links = LowerLinks()
    let (first, second) = (try link(), try link())
    #expect(links.opened(first, of: "wukang", at: Sample.time(1)).replaced == nil)
    #expect(links.opened(second, of: "wukang", at: Sample.time(2)).replaced === first)
    #expect(!links.closed(first, of: "wukang"))
    #expect(links["wukang"] === second)
    #expect(links.status.map(\.since) == [Sample.time(2)])
    #expect(links.closed(second, of: "wukang"))
    #expect(links["wukang"] == nil && links.all.isEmpty && links.status.isEmpty)
  }

  @Test("have a secret each for their media, which outlives the link and is nobody else's")
  func secrets() throws {
    let links = LowerLinks()
    #expect(links.secret(of: "wukang") == nil && !links.isSecret("", of: "wukang"))
    let link = try link()
    let secret = links.opened(link, of: "wukang", at: Sample.time(1)).secret
    let other = links.opened(try self.link(), of: "anji", at: Sample.time(1)).secret
    #expect(secret.utf8.count == 48 && secret != other)
    _ = links.closed(link, of: "wukang")
    #expect(links.isSecret(secret, of: "wukang"))
    #expect(!links.isSecret(secret, of: "anji"))
    #expect(!links.isSecret(String(secret.dropLast()), of: "wukang") && !links.isSecret(secret + "0", of: "wukang"))
    #expect(links.opened(link, of: "wukang", at: Sample.time(2)).secret == secret, "media that flows goes on")
  }
}

@Suite("Receipts on the disk and on their way")
struct ReceiptDeskTests {
  @Test("lie as three files a receipt, as stock tools verify them")
  func files() async throws {
    let folder = Sample.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let signer = try NodeIdentity.temporary()
    let text = #"{"v":1}"#
    let signature = Hex.encode(try signer.sign(Array(text.utf8)))
    for place in 1...2 {
      try await ReceiptFiles(folder: folder, incident: "i1", place: place).store(text: text, signature: signature, pem: signer.publicKey.pem)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(names == ["i1.2.json", "i1.2.pub.pem", "i1.2.sig", "i1.json", "i1.pub.pem", "i1.sig", "pub.pem"])
    #expect(try Disk.read(folder + "/i1.json") == Array(text.utf8))
    #expect(try Disk.read(folder + "/i1.2.sig")?.count == 64)
    await #expect(throws: Fault.self) {
      try await ReceiptFiles(folder: folder, incident: "i2", place: 1).store(text: text, signature: "zz", pem: "p")
    }
    #expect(try Disk.read(folder + "/i2.json") == nil, "nothing half is left")
  }

  @Test("are signed over the very bytes, journaled before they are sent, and answered once")
  func issue() async throws {
    let (facts, signer) = (FactList(), try NodeIdentity.temporary())
    let desk = ReceiptDesk(node: "zhejiang", identity: signer, facts: facts, links: LowerLinks())
    let received = ReceivedIncident(county: "wukang", opened: Sample.opened(), at: Sample.instant(10), arrival: Sample.time(10))
    try await desk.issue(Sample.picture(Sample.unit(4)), at: Sample.instant(60), for: received)
    let sent = try #require(facts.facts.first.flatMap { ReceiptSentFact(Sample.fact($0.kind, $0.fields)) })
    let document = ReceiptDocument(fields: sent.receipt)
    #expect(sent.receiptSha256 == document.sha256)
    let signature = try #require(Hex.decode(sent.signature))
    #expect(signer.publicKey.isValid(signature: signature, of: Array(document.text.utf8)))
    desk.confirmed(document.sha256, by: "anji")
    #expect(facts.facts.count == 1, "another county confirms nothing")
    let refused = try #require(desk.refused(document.sha256, String(repeating: "x", count: 64), by: "wukang"))
    #expect(refused.key == CaseKey(county: "wukang", incident: "i1") && refused.receipt == document)
    #expect(facts.facts.last?.fields["reason"]?.stringValue?.count == 32)
    desk.confirmed(document.sha256, by: "wukang")
    #expect(desk.refused(document.sha256, "unit", by: "wukang") == nil)
    #expect(facts.facts.map(\.kind) == ["receipt.sent", "receipt.refused"])
  }

  @Test("of pictures that a restart left unsigned are found in the facts, those of other kinds change nothing")
  func recovery() throws {
    let desk = ReceiptDesk(node: "zhejiang", identity: try .temporary(), facts: FactList(), links: LowerLinks())
    let picture = Sample.picture(Sample.unit(4))
    desk.recover(Sample.fact(picture.kind, picture.fields, at: 60))
    desk.recover(Sample.fact(FactKind.pictureSecond, picture.fields))
    desk.recover(Sample.fact(FactKind.provinceDecoded, ["unit": "u"]))
    let unsigned = desk.drainUnsigned()
    #expect(unsigned.map(\.key) == [CaseKey(county: "wukang", incident: "i1")])
    #expect(unsigned.first?.at.time == Sample.time(60))
  }
}
