import Model
import Testing

@testable import Model

@Suite("Members of a fact")
struct FactValueTests {
  private let read = FactReader([
    "text": "a", "int": 7, "flag": true, "null": .null, "list": ["a", 1, "b"], "object": ["peerBoot": "p", "lowNs": 1, "highNs": 2],
    "objects": [["index": 0, "codec": "h264"], 5, ["index": 1]], "stream": "live/cam1", "strange": "..",
  ])

  @Test("are read as what they are, and as nothing else")
  func types() {
    #expect(read["text"] == "a" as String? && read["text"] == nil as Int64? && read["text"] == nil as Bool?)
    #expect(read["int"] == 7 as Int64? && read["int"] == BootTime(nanoseconds: 7) && read["int"] == Nanoseconds(7))
    #expect(read["int"] == nil as String?)
    #expect(read["flag"] == true as Bool?)
    #expect(read["null"] == nil as String? && read["null"] == nil as JSON?)
    #expect(read["absent"] == nil as JSON?)
  }

  @Test("in lists and objects are those that can be understood")
  func nested() {
    #expect(read["list"] == ["a", "b"] as [String]?)
    #expect(read["object"] == PeerOffset(peerBoot: "p", low: 1, high: 2))
    #expect(read["objects"] == [StreamTrack(index: 0, codec: FactText(.h264))])
    #expect(read["text"] == nil as PeerOffset?)
    #expect(read.object("object")?.count == 3 && read.object("text") == nil)
  }

  @Test("that are text keep it as it stands, also where no value of this version is meant")
  func texts() {
    let stream: FactText<StreamName>? = read["stream"]
    #expect(stream?.value == StreamName("live/cam1") && stream?.text == "live/cam1")
    let strange: FactText<StreamName>? = read["strange"]
    #expect(strange?.value == nil && strange?.text == "..")
    #expect(strange?.json == "..")
    #expect(FactText<DeviceClass>(text: "balloon").value == nil)
    #expect(FactText(DeviceClass.drone).value == .drone)
    // Another writing of the same name is not written anew.
    #expect(FactText<StreamName>(text: "/live/cam1/").value == StreamName("live/cam1"))
    #expect(FactText<StreamName>(text: "/live/cam1/").json == "/live/cam1/")
  }

  @Test("are null where nil, or left out, as the kind has it")
  func absent() {
    let nothing: String? = nil
    #expect(nothing.json == .null && nothing?.json == nil)
    #expect(("a" as String?).json == "a")
  }

  @Test("name a person by a commitment, or by its hash alone")
  func persons() {
    #expect(PersonCommitment(json: ["id": "00", "sha256": "ab"]) == PersonCommitment(id: "00", sha256: "ab"))
    #expect(PersonCommitment(json: "ab") == PersonCommitment(id: nil, sha256: "ab"))
    for json: JSON in [.null, 1, [:], ["id": "00"], []] { #expect(PersonCommitment(json: json) == nil) }
  }

  @Test("of a receipt are written as they were read, missing ones as null")
  func receipts() {
    let whole: [String: JSON] = [
      "v": 1, "county": "c", "province": "p", "boot": "b", "incident": "i", "nonce": "n", "openedSha256": "o", "stream": "live/cam1",
      "device": "d", "unit": "u", "vclSha256": "v", "jpegSha256": "j", "width": 1, "height": 2, "visible": true, "dark": false,
      "beaconNs": 3, "beaconNonce": "bn", "heardNs": 4, "decodedNs": 5, "grade": "decoded",
    ]
    #expect(ReceiptObject(whole).fields == whole)
    #expect(ReceiptObject([:]) == ReceiptObject())
    #expect(Set(ReceiptObject().fields.keys) == Set(whole.keys))
    #expect(ReceiptObject().fields.values.allSatisfy { $0 == .null })
    // Of the wrong type is missing.
    for key in whole.keys { #expect(ReceiptObject(whole.merging([key: [:]]) { $1 }).fields[key] == .null, "\(key)") }
  }

  @Test("that every kind shares are found without knowing the kind")
  func subject() {
    let fact = FactSample.fact("any", ["stream": "s", "session": "x", "incident": "i", "attempt": "a", "device": "d", "uplink": "u", "county": 7])
    #expect(fact.stream == "s" && fact.session == "x" && fact.incident == "i" && fact.attempt == "a" && fact.device == "d")
    #expect(fact.uplink == "u" && fact.county == nil)
    #expect(Set(fact.fields.keys).isSuperset(of: Fact.envelope))
  }
}
