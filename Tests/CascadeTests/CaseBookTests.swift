import Journal
import Model
import Testing

@testable import Cascade

@Suite("The counties' incidents at an upper node")
struct CaseBookTests {
  private static let key = CaseKey(county: "wukang", incident: "i1")

  private func received(_ opened: OpenedIncident = Sample.opened(), county: String = "wukang", at: Int64 = 10) -> ReceivedIncident {
    ReceivedIncident(county: county, opened: opened, at: Sample.instant(at), arrival: Sample.time(at))
  }

  @Test("the first E1 of an incident stands: the same again changes nothing, another is a county that changed its story")
  func reception() {
    var book = CaseBook()
    #expect(book.receive(received()) == .new)
    #expect(book.receive(received(at: 99)) == .known)
    #expect(book.receive(received(Sample.opened(hash: "c"), at: 99)) == .changed)
    #expect(book[CaseBookTests.key]?.at == Sample.instant(10))
    #expect(book[CaseBookTests.key]?.opened.openedSHA256.first == "b")
    // Another county may use the same id.
    #expect(book.receive(received(Sample.opened(hash: "c"), county: "anji")) == .new)
    #expect(book.all.count == 2)
  }

  @Test("a picture is wanted of every device, from its unit on, until one was decoded")
  func wanted() {
    var book = CaseBook()
    _ = book.receive(received(Sample.opened(streams: [Sample.stream, Sample.other])))
    #expect(book.wanted(CaseBookTests.key).map(\.index) == [0, 1])
    #expect(book.wanted(CaseBookTests.key).first?.floor.epoch == 3)
    #expect(book.wanted(CaseBookTests.key).first?.floor.number == 9)
    book.decoded(Sample.stream, of: CaseBookTests.key, at: Sample.time(20))
    #expect(book.wanted(CaseBookTests.key).map(\.device.stream) == [Sample.other])
    #expect(book.wanted(CaseBookTests.key).map(\.index) == [1], "the snapshot keeps its name")
    #expect(book.wanted(CaseKey(county: "anji", incident: "i1")).isEmpty)
  }

  @Test("a refused receipt has a later unit looked for, sixteen times and no more")
  func again() {
    var book = CaseBook()
    _ = book.receive(received())
    book.decoded(Sample.stream, of: CaseBookTests.key, at: Sample.time(20))
    #expect(book.lookAgain(Sample.stream, after: Sample.unit(41), of: CaseBookTests.key) == true)
    #expect(book.wanted(CaseBookTests.key).first?.floor.epoch == 7)
    #expect(book.wanted(CaseBookTests.key).first?.floor.number == 42)
    for _ in 1..<16 { #expect(book.lookAgain(Sample.stream, after: Sample.unit(.max), of: CaseBookTests.key) == true) }
    #expect(book.lookAgain(Sample.stream, after: Sample.unit(43), of: CaseBookTests.key) == false)
    #expect(book.lookAgain(Sample.stream, after: Sample.unit(43), of: CaseKey(county: "anji", incident: "i1")) == false)
  }
}

@Suite("The receipts of an upper node")
struct ReceiptBookTests {
  private static let key = CaseKey(county: "wukang", incident: "i1")

  private func signed(_ unit: UInt64, county: String = "wukang") -> SignedReceipt {
    SignedReceipt(
      receipt: ReceiptDocument(fields: [
        "v": 1, "county": .string(county), "incident": "i1", "unit": .string(Sample.unit(unit).description),
      ]), signature: "55")
  }

  private func sentFact(_ signed: SignedReceipt, county: String = "wukang") -> ReceiptSentFact {
    ReceiptSentFact(
      incident: "i1", county: county, receipt: signed.receipt.fields, receiptSha256: signed.receipt.sha256, signature: signed.signature)
  }

  @Test("are sent again to their own county until it answers, which counts once")
  func answers() {
    var book = ReceiptBook()
    let (first, second) = (signed(1), signed(2))
    book.add(first, ReceiptBookTests.key)
    book.add(second, ReceiptBookTests.key)
    #expect(book.unconfirmed(of: "anji").isEmpty)
    #expect(Set(book.unconfirmed(of: "wukang").map(\.receipt.sha256)) == [first.receipt.sha256, second.receipt.sha256])
    #expect(book.remove(first.receipt.sha256, of: "anji") == nil, "nobody answers for another county")
    #expect(book.remove(first.receipt.sha256, of: "wukang")?.key == ReceiptBookTests.key)
    #expect(book.remove(first.receipt.sha256, of: "wukang") == nil)
    #expect(book.unconfirmed(of: "wukang").map(\.receipt) == [second.receipt])
  }

  @Test("after a restart are those that were sent and not confirmed; a picture without one is signed, once")
  func recovery() {
    var book = ReceiptBook()
    let (first, second) = (signed(1), signed(2))
    for number in [1, 2, 3] as [UInt64] {
      book.recover(decoded: Sample.picture(Sample.unit(number)), ReceiptBookTests.key, at: Sample.instant(Int64(number)))
    }
    book.recover(sent: sentFact(first))
    book.recover(sent: sentFact(second))
    book.recover(confirmed: ReceiptConfirmedFact(incident: "i1", county: "wukang", receiptSha256: first.receipt.sha256))
    // The same hash of another county confirms nothing.
    book.recover(confirmed: ReceiptConfirmedFact(incident: "i1", county: "anji", receiptSha256: second.receipt.sha256))
    #expect(book.unconfirmed(of: "wukang").map(\.receipt) == [second.receipt])
    let unsigned = book.drainUnsigned()
    #expect(unsigned.map(\.picture.subject.unit?.text) == [Sample.unit(3).description])
    #expect(unsigned.map(\.at) == [Sample.instant(3)])
    #expect(book.drainUnsigned().isEmpty)
  }

  @Test("say what was seen, with no time of another boot in them")
  func document() throws {
    let maker = try NodeIdentity.temporary()
    let beacon = try Beacon(nonce: RandomHex.digits(32), at: Sample.time(5), boot: "b", identity: maker)
    let received = ReceivedIncident(county: "wukang", opened: Sample.opened(beacon: beacon), at: Sample.instant(10), arrival: Sample.time(10))
    let picture = Sample.picture(Sample.unit(4))
    let seen = Receipts.document(of: picture, at: Sample.instant(60), received, province: "zhejiang")
    #expect(
      seen.text
        == #"{"beaconNonce":"\#(beacon.nonce)","beaconNs":5,"boot":"b","county":"wukang","dark":false,"decodedNs":60,"device":"kit1","#
        + #""grade":"decoded","heardNs":10,"height":720,"incident":"i1","jpegSha256":"j","nonce":"\#(received.opened.nonce)","#
        + #""openedSha256":"\#(received.opened.openedSHA256)","province":"zhejiang","stream":"live/cam1","#
        + #""unit":"wukang/live/cam1@7#4","v":1,"vclSha256":"v","visible":true,"width":1280}"#)
    let later = Receipts.document(of: picture, at: Sample.instant(60, boot: "c"), received, province: "zhejiang")
    #expect(later.fields["heardNs"] == .null && later.fields["beaconNs"] == .null && later.fields["beaconNonce"] == .null)
    #expect(later.fields["grade"] == "countyClockOnly")
    #expect(later.fields["boot"] == "c")
    // What a county verifies is the file, whatever else a newer province may write into it.
    let newer = try #require(ReceiptDocument(text: JSON.object(seen.fields.merging(["lens": "wide"]) { $1 }).text))
    #expect(newer.fields["lens"] == "wide" && newer.object == seen.object && newer.sha256 != seen.sha256)
  }

  @Test("of another version, or that are no object, or too long, are none")
  func malformed() {
    for text in ["", "[]", "{}", #"{"v":2}"#, #"{"v":"1"}"#, #"{"v":1}"# + String(repeating: " ", count: 65_536)] {
      #expect(ReceiptDocument(text: text) == nil, "\(text.prefix(10))")
    }
    #expect(ReceiptDocument(text: #"{"v":1}"#)?.incident == nil)
  }
}
