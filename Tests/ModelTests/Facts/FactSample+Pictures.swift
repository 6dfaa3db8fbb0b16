import Model
import NIOCore

extension FactSample {
  private static let picture = DecodedPicture(
    width: 1280, height: 720, jpeg: ByteBuffer(), jpegSHA256: "j1", vclSHA256: "v1", visible: true, dark: false, lumaMeanMilli: 400)

  private static func subject(incident: String? = nil, attempt: String? = nil, county: String? = nil) -> PictureSubject {
    PictureSubject(
      incident: incident, attempt: attempt, county: county, device: "kit1", stream: FactText(cam), unit: unit, unitArrival: time(5))
  }

  static let pictures = [
    FactSample(
      PictureDecodedFact(subject(incident: "i1"), PictureContent(picture, decoded: time(6))),
      #"{"dark":false,"decodedNs":6,"device":"kit1","height":720,"incident":"i1","jpegSha256":"j1","stream":"live/cam1","#
        + #""unit":"county/live/cam1@1000#50","unitArrivalNs":5,"vclSha256":"v1","visible":true,"width":1280}"#),
    FactSample(
      PictureDecodedFact(subject(attempt: "c-1"), PictureContent(picture, decoded: time(6))),
      #"{"attempt":"c-1","dark":false,"decodedNs":6,"device":"kit1","height":720,"jpegSha256":"j1","stream":"live/cam1","#
        + #""unit":"county/live/cam1@1000#50","unitArrivalNs":5,"vclSha256":"v1","visible":true,"width":1280}"#),
    FactSample(
      PictureDecodedFact(subject(incident: "i1", county: "wukang"), PictureContent(picture, decoded: time(6))),
      #"{"county":"wukang","dark":false,"decodedNs":6,"device":"kit1","height":720,"incident":"i1","jpegSha256":"j1","stream":"live/cam1","#
        + #""unit":"county/live/cam1@1000#50","unitArrivalNs":5,"vclSha256":"v1","visible":true,"width":1280}"#),
    FactSample(
      PictureSecondFact(subject(incident: "i1"), vclSha256: "v2", decoded: time(7)),
      #"{"decodedNs":7,"device":"kit1","incident":"i1","stream":"live/cam1","unit":"county/live/cam1@1000#50","unitArrivalNs":5,"#
        + #""vclSha256":"v2"}"#),
    FactSample(
      PictureSecondFact(subject(incident: "i1", county: "wukang"), vclSha256: "v2", decoded: time(7)),
      #"{"county":"wukang","decodedNs":7,"device":"kit1","incident":"i1","stream":"live/cam1","unit":"county/live/cam1@1000#50","#
        + #""unitArrivalNs":5,"vclSha256":"v2"}"#),
    FactSample(
      PictureRefusedFact(subject(incident: "i1"), reason: "black"),
      #"{"device":"kit1","incident":"i1","reason":"black","stream":"live/cam1","unit":"county/live/cam1@1000#50","unitArrivalNs":5}"#),
    FactSample(
      PictureRefusedFact(subject(attempt: "c-1"), reason: "damaged"),
      #"{"attempt":"c-1","device":"kit1","reason":"damaged","stream":"live/cam1","unit":"county/live/cam1@1000#50","unitArrivalNs":5}"#),
    FactSample(
      PictureRefusedFact(subject(incident: "i1", county: "wukang"), reason: "black"),
      #"{"county":"wukang","device":"kit1","incident":"i1","reason":"black","stream":"live/cam1","unit":"county/live/cam1@1000#50","#
        + #""unitArrivalNs":5,"vclSha256":null}"#),
    FactSample(
      PictureShownFact(incident: "i1", device: "kit1", stream: cam, what: .video, viewer: "abcdefgh", age: .milliseconds(40)),
      #"{"ageNs":40000000,"device":"kit1","incident":"i1","stream":"live/cam1","viewer":"abcdefgh","what":"video"}"#),
    FactSample(
      PictureShownFact(incident: "i1", device: "kit1", stream: cam, what: .snapshot, viewer: "abcdefgh", age: nil),
      #"{"ageNs":null,"device":"kit1","incident":"i1","stream":"live/cam1","viewer":"abcdefgh","what":"snapshot"}"#),
  ]
}
