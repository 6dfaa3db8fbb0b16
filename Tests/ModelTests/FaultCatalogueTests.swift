import Foundation
import Testing

@testable import Model

@Suite("The fault catalogue")
struct FaultCatalogueTests {
  @Test("every code has exactly one entry")
  func once() {
    #expect(FaultCatalogue.entries.map(\.code) == FaultCode.allCases)
  }

  @Test("every code says in both languages what happened and what to do", arguments: FaultCode.allCases)
  func texts(code: FaultCode) {
    for text in [code.happened, code.toDo] {
      #expect(text.zh.unicodeScalars.contains { $0.value > 0x2E80 }, "\(text.zh) is not Chinese")
      #expect(text.en.contains { $0.isASCII && $0.isLetter })
      #expect(!text.en.unicodeScalars.contains { $0.value > 0x2E80 }, "\(text.en) is not English")
      #expect(text.zh.count > 1 && text.en.count > 1)
      // They are joined with colons and full stops of their own.
      #expect(![text.zh.last, text.en.last].contains { $0.map { ".。 ".contains($0) } ?? true })
    }
  }

  @Test("no two codes say the same")
  func different() {
    #expect(Set(FaultCode.allCases.map(\.happened)).count == FaultCode.allCases.count)
  }

  @Test("HTTP statuses are what API clients rely on")
  func statuses() {
    let expected: [Int: Set<FaultCode>] = [
      400: [.requestInvalid, .streamNameInvalid, .httpMalformed, .deviceUnknown],
      401: [.credentialsMissing, .credentialsWrong, .keyExpired],
      403: [.accessDenied, .originRefused],
      404: [.incidentUnknown, .streamUnknown, .notFound, .segmentMissing],
      409: [.incidentClosed, .streamBusy],
      429: [.tooManyClients, .tooManyAttempts],
      507: [.diskFull, .diskFailed, .diskReadOnly, .noDescriptors],
    ]
    var found = Dictionary(grouping: FaultCode.allCases, by: \.httpStatus).mapValues(Set.init)
    let others = found.removeValue(forKey: 500) ?? []
    #expect(found == expected)
    #expect(others.count == FaultCode.allCases.count - expected.values.reduce(0) { $0 + $1.count })
  }

  @Test("only wrong usage ends the command line with 2")
  func exitCodes() {
    #expect(FaultCode.allCases.filter { $0.exitCode == 2 } == [.configUnknownKey, .pathWrong, .usage])
    #expect(FaultCode.allCases.allSatisfy { [1, 2].contains($0.exitCode) })
  }

  @Test("each side has failures of its own, and the origin is the one that people were shown before")
  func origins() {
    let byOrigin = Dictionary(grouping: FaultCode.allCases, by: \.origin).mapValues(Set.init)
    #expect(Set(byOrigin.keys) == Set(Origin.allCases))
    #expect(byOrigin[.network] == [.publisherGone, .readerGone, .rtspTimeout, .handshakeTimeout, .pullFailed, .pushFailed])
    #expect(byOrigin[.relay] == [.workerDied, .workerBusy, .pipelineFailed, .recorderStalled, .factInvalid, .journalClosed])
    #expect(
      byOrigin[.peer] == [
        .httpMalformed, .tooManyClients, .peerUnreachable, .peerKeyMismatch, .pairingCodeWrong, .pairingExpired, .linkMalformed, .receiptInvalid,
      ])
    #expect(
      byOrigin[.disk] == [
        .diskFull, .diskFailed, .journalBroken, .archiveBroken, .segmentMissing, .segmentChanged, .sampleFileBroken, .keyFileBroken,
        .diskReadOnly, .nodeKeyMissing,
      ])
  }

  @Test("a fault prints on one line, with its detail in both languages")
  func description() {
    #expect(
      Fault(.portInUse, "8554").description
        == "portInUse [config] 端口已被占用: 8554。停止占用的程序或改用其他端口 | the port is in use: 8554. Stop the other program or choose another port")
    #expect(Fault(.notFound).description == "notFound [config] 没有找到。核对地址 | not found. Check the address")
  }

  @Test("a fault's JSON is the object that the API promises")
  func json() {
    #expect(
      Fault(.streamUnknown, "live/a").json.text
        == #"{"code":"streamUnknown","detail":"live/a","happened":{"en":"no such stream","zh":"没有这路流"},"origin":"config","#
        + #""toDo":{"en":"Check the name, or that the device has started","zh":"核对名称,或确认设备已开始推送"}}"#)
  }
}
