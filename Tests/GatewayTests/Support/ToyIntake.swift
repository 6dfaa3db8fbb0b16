import Gateway
import Measure
import Model
import NIOCore

/// Units as the test hands them in; those that come before admission wait, as FLV's do.
struct ToyIntake: MediaIntake {
  static let video = Track(index: 0, codec: .h264, clockRate: 1000, parameters: .h264(sps: [[0x67]], pps: [[0x68]]))
  static let audio = Track(index: 0, codec: .aac, clockRate: 1000, parameters: .aac(audioSpecificConfig: [0x12, 0x10]), channels: 1)

  var tracks: [Track] = []
  var isComplete = false
  var news = IntakeNews()
  var repairs = MediaRepairs()
  /// A unit whose end has not come: completed when nothing more comes.
  var open: AccessUnit?
  private(set) var flushes = 0
  private var units: [AccessUnit] = []
  private var identity: PublicationIdentity?
  private var number: UInt64 = 0

  init(_ tracks: [Track] = [], isComplete: Bool = false) {
    self.tracks = tracks
    self.isComplete = isComplete
  }

  static func unit(_ number: UInt8, key: Bool = false, size: Int = 10, at arrival: BootTime) -> AccessUnit {
    let origin = UnitOrigin(node: "device", path: Bench.name)
    return AccessUnit(
      id: AccessUnitID(origin: origin, epoch: 0, number: 0), track: 0, pts: MediaTime(value: Int64(number) * 40, timescale: 1000),
      firstArrival: arrival, arrival: arrival, flags: key ? [.key, .clean] : .clean,
      payload: ByteBuffer(repeating: number, count: size))
  }

  mutating func add(_ unit: AccessUnit, _ meter: inout SessionMeter) {
    units.append(unit)
    if identity != nil { own(units.count - 1, &meter) }
  }

  private mutating func own(_ index: Int, _ meter: inout SessionMeter) {
    guard let identity else { return }
    number += 1
    units[index].id = AccessUnitID(origin: identity.origin, epoch: identity.epoch, number: number)
    meter.bytes(units[index].payload.readableBytes, track: 0)
    meter.unit(units[index])
  }

  // MARK: MediaIntake

  var held: (bytes: Int, since: BootTime)? {
    units.first.map { first in (units.reduce(0) { $0 + $1.payload.readableBytes }, first.firstArrival) }
  }

  mutating func begin(_ publication: PublicationIdentity, _ meter: inout SessionMeter) {
    identity = publication
    for index in units.indices { own(index, &meter) }
  }

  mutating func removeBatch(packetBytes: Int) -> IntakeBatch {
    defer { units = [] }
    return IntakeBatch(units: units)
  }

  mutating func removeNews() -> IntakeNews? {
    guard news.tracks != nil || !news.senderClocks.isEmpty || !news.transits.isEmpty || !news.clockRepairs.isEmpty else { return nil }
    defer { news = IntakeNews() }
    return news
  }

  mutating func dropHeld() { units = [] }

  mutating func flush(_ meter: inout SessionMeter) {
    flushes += 1
    if let open { add(open, &meter) }
    open = nil
  }
}
