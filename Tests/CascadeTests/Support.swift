import Foundation
import Model

@testable import Cascade

/// Constants that several tests use.
enum Sample {
  static let stream = name("live/cam1")
  static let other = name("live/cam2")

  static func name(_ text: String) -> StreamName {
    guard let name = StreamName(text) else { preconditionFailure("\(text) is no stream's name") }
    return name
  }

  static func time(_ nanoseconds: Int64) -> BootTime { BootTime(nanoseconds: nanoseconds) }
  static func seconds(_ seconds: Int64) -> BootTime { BootTime(nanoseconds: seconds * 1_000_000_000) }
  static func instant(_ nanoseconds: Int64, boot: String = "b") -> NodeInstant { NodeInstant(node: "n", boot: boot, time: time(nanoseconds)) }

  static func unit(_ number: UInt64, of stream: StreamName = stream, epoch: UInt64 = 7) -> AccessUnitID {
    AccessUnitID(origin: UnitOrigin(node: "wukang", path: stream), epoch: epoch, number: number)
  }

  static func opened(
    _ incident: String = "i1", hash: String = "b", beacon: Beacon? = nil, streams: [StreamName] = [stream]
  ) -> OpenedIncident {
    OpenedIncident(
      incident: incident, title: "演练", nonce: String(repeating: "a", count: 32), openedSHA256: String(repeating: hash, count: 64),
      beacon: beacon,
      devices: streams.map { OpenedIncident.Device(device: $0.path, stream: $0, deviceClass: .soloKit, epoch: 3, number: 9) })
  }

  static func folder() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("firstframe-cascade-\(UUID().uuidString)").path
  }

  /// The first picture of a stream, as an upper node journals it.
  static func picture(_ unit: AccessUnitID, county: String = "wukang", incident: String = "i1") -> PictureDecodedFact {
    let subject = PictureSubject(
      incident: incident, county: county, device: "kit1", stream: FactText(unit.origin.path), unit: unit, unitArrival: time(50))
    let fields: [String: JSON] = [
      "vclSha256": "v", "jpegSha256": "j", "visible": true, "dark": false, "decodedNs": 60, "width": 1280, "height": 720,
    ]
    let fact = fact(FactKind.provinceDecoded, PictureRefusedFact(subject, reason: "").fields.merging(fields) { $1 })
    guard let picture = PictureDecodedFact(fact) else { preconditionFailure("no picture") }
    return picture
  }

  static func fact(_ kind: String, _ fields: [String: JSON], boot: String = "b", at: Int64 = 60) -> Fact {
    Fact(
      node: "n", boot: boot, sequence: 1, bootTime: time(at), wall: "", kind: kind, previous: "", hash: String(repeating: "b", count: 64),
      fields: fields)
  }
}
