import Foundation
import Journal
import Model
import NIOCore
import Testing

@testable import Cascade

@Suite("Values of the control link")
struct LinkValueTests {
  @Test("frames come whole or not at all, and a huge length is refused")
  func frames() throws {
    var buffer = ByteBuffer()
    LinkFrame.write([1, 2, 3], into: &buffer)
    let whole = buffer
    var partial = try #require(whole.getSlice(at: 0, length: 5))
    #expect(try LinkFrame.read(&partial) == nil)
    #expect(try LinkFrame.read(&buffer) == [1, 2, 3])
    var huge = ByteBuffer(integer: UInt32.max)
    #expect(throws: Fault.self) { try LinkFrame.read(&huge) }
  }

  @Test("messages survive their own text")
  func messages() throws {
    let beacon = try Beacon(nonce: RandomHex.digits(32), at: BootTime(nanoseconds: 5), boot: "b", identity: .temporary())
    let stream = try #require(StreamName("live/cam1"))
    let opened = OpenedIncident(
      incident: "20261122-abc", title: "标题 \"x\"", nonce: String(repeating: "a", count: 32), openedSHA256: String(repeating: "b", count: 64),
      beacon: beacon, devices: [OpenedIncident.Device(device: "单兵01", stream: stream, deviceClass: .soloKit, epoch: 7, number: 9)])
    let all: [LinkMessage] = [
      .beacon(beacon), .timeRequest(t1: -1, beacon: nil), .timeRequest(t1: 4, beacon: ReceivedBeacon(sentNs: -7, arrivalNs: 3)),
      .timeAnswer(t1: 1, t2: 2, t3: 3), .mediaCredentials(user: "u", secret: "s"), .opened(opened),
      .closed(incident: "20261122-abc"), .receipt(text: "{}", signature: "00", pem: "p"), .receiptStored(sha256: "c"),
      .receiptRefused(sha256: "c", reason: "unit"),
    ]
    for message in all { #expect(try LinkMessage(Array(message.json.text.utf8)) == message) }
    #expect(throws: Fault.self) { try LinkMessage(Array(#"{"type":"closed","incident":"../../etc"}"#.utf8)) }
  }

  @Test("a beacon is its maker's alone")
  func beacon() throws {
    let maker = try NodeIdentity.temporary()
    let beacon = try Beacon(nonce: RandomHex.digits(32), at: BootTime(nanoseconds: 5), boot: "b", identity: maker)
    #expect(beacon.isValid(by: maker.publicKey))
    #expect(try !beacon.isValid(by: NodeIdentity.temporary().publicKey))
    var younger = beacon
    younger.nanoseconds += 1
    #expect(!younger.isValid(by: maker.publicKey))
  }

  @Test("a pairing code works once, forgives how it was typed, and gives up after five wrong tries")
  func pairing() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("firstframe-pair-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (lower, upper) = (try NodeIdentity.temporary(), try NodeIdentity.temporary())
    let now = WallTime(nanoseconds: 1_000_000_000_000_000)
    func attempt(_ code: PairingCode, at: WallTime) throws -> (String, NodePublicKey) {
      let (request, nonce) = PairingExchange.request(node: "deqing", key: lower.publicKey, code: code)
      let done = try PairingExchange.answer(request, node: "zhejiang", key: upper.publicKey, dataFolder: folder, now: at)
      #expect(done.peer.key == lower.publicKey)
      return try PairingExchange.conclude(done.answer, nonce: nonce, code: code)
    }
    let pending = try PendingPairing.create(dataFolder: folder, now: now)
    let typed = try #require(PairingCode(typed: " " + pending.code.forReading.lowercased()))
    #expect(try attempt(typed, at: now).1 == upper.publicKey)
    #expect(throws: Fault(.pairingExpired)) { try attempt(typed, at: now) }
    let second = try PendingPairing.create(dataFolder: folder, now: now)
    for _ in 0..<5 { #expect(throws: Fault(.pairingCodeWrong)) { try attempt(PairingCode(), at: now) } }
    #expect(throws: Fault(.pairingExpired)) { try attempt(second.code, at: now) }
    let third = try PendingPairing.create(dataFolder: folder, now: now)
    #expect(throws: Fault(.pairingExpired)) { try attempt(third.code, at: WallTime(nanoseconds: now.nanoseconds + 601_000_000_000)) }
  }

  @Test("a county refuses a receipt for each lie by its name")
  func refusals() throws {
    let province = try NodeIdentity.temporary()
    let stream = try #require(StreamName("live/cam1"))
    let opened = OpenedIncident(
      incident: "i1", title: "t", nonce: String(repeating: "a", count: 32), openedSHA256: String(repeating: "b", count: 64), beacon: nil,
      devices: [OpenedIncident.Device(device: "d", stream: stream, deviceClass: .soloKit, epoch: 0, number: 0)])
    let e1 = NodeInstant(node: "deqing", boot: "boot-a", time: BootTime(nanoseconds: 100))
    let sent = SentKeyframes.Entry(
      stream: stream, firstArrival: BootTime(nanoseconds: 150), sent: BootTime(nanoseconds: 160), boot: "boot-a")
    let truth: [String: JSON] = [
      "v": 1, "county": "deqing", "incident": "i1", "nonce": .string(opened.nonce), "openedSha256": .string(opened.openedSHA256),
      "stream": "live/cam1", "unit": "deqing/live/cam1@1#2",
    ]
    func refusal(
      _ changes: [String: JSON] = [:], entry: SentKeyframes.Entry?, signer: NodeIdentity? = nil
    ) throws -> String? {
      let receipt = ReceiptDocument(fields: truth.merging(changes) { $1 })
      let signature = Hex.encode(try (signer ?? province).sign(Array(receipt.text.utf8)))
      return receipt.refusal(signature: signature, by: province.publicKey, county: "deqing", opened: opened, openedAt: e1, sent: entry)
    }
    #expect(try refusal(entry: sent) == nil)
    #expect(try refusal(entry: sent, signer: .temporary()) == "signature")
    #expect(try refusal(["county": "anji"], entry: sent) == "peer")
    #expect(try refusal(["nonce": "old"], entry: sent) == "nonce")
    #expect(try refusal(["openedSha256": "other"], entry: sent) == "opened")
    #expect(try refusal(["stream": "live/cam2"], entry: sent) == "unit")
    #expect(try refusal(entry: nil) == "unit")
    var early = sent
    early.firstArrival = BootTime(nanoseconds: 99)
    #expect(try refusal(entry: early) == "beforeReceived")
    // Of the boot after E1's: its small numbers say nothing, it is later.
    early.boot = "boot-b"
    #expect(try refusal(entry: early) == nil)
  }
}
