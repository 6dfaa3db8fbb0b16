internal import Gateway
internal import Measure
internal import Model
internal import NIOCore
internal import Wire

/// A publisher's FLV messages on their way to units; those that come before the stream is admitted wait here.
struct FLVIntake: MediaIntake {
  private var reader: FLVUnitReader
  private var units: [AccessUnit] = []
  private var heldBytes = 0
  private var isLive = false
  private var tracksChanged = false

  /// - Parameter origin: stands in until the stream is admitted.
  init(origin: UnitOrigin) { reader = FLVUnitReader(id: AccessUnitID(origin: origin, epoch: 0, number: 0)) }

  var tracks: [Track] { reader.tracks }
  var isComplete: Bool { reader.isComplete }
  var held: (bytes: Int, since: BootTime)? { units.first.map { (heldBytes, $0.firstArrival) } }
  var hasNews: Bool { tracksChanged }

  /// Reads one message. Throws ``FaultCode/codecUnsupported`` or ``FaultCode/mediaMalformed``; the next message may be read all the same.
  mutating func read(_ message: RTMPMessage, arrival: BootTime, _ meter: inout SessionMeter) throws(Fault) {
    let before = units.count
    if try reader.read(message, arrival: arrival, into: &units) { tracksChanged = true }
    if isLive { return measure(from: before, &meter) }
    for index in before..<units.count { heldBytes &+= units[index].payload.readableBytes }
  }

  private func measure(from first: Int, _ meter: inout SessionMeter) {
    for index in first..<units.count {
      meter.bytes(units[index].payload.readableBytes, track: units[index].track)
      meter.unit(units[index])
    }
  }

  mutating func begin(_ publication: PublicationIdentity, _ meter: inout SessionMeter) {
    isLive = true
    heldBytes = 0
    reader.nextID = AccessUnitID(origin: publication.origin, epoch: publication.epoch, number: 1)
    for index in units.indices {
      units[index].id = reader.nextID
      reader.nextID.number &+= 1
    }
    measure(from: 0, &meter)
  }

  mutating func removeBatch(packetBytes: Int) -> IntakeBatch {
    var completed: [AccessUnit] = []
    swap(&completed, &units)
    return IntakeBatch(units: completed)
  }

  mutating func removeNews() -> IntakeNews {
    tracksChanged = false
    return IntakeNews(tracks: reader.tracks)
  }

  mutating func dropHeld() { (units, heldBytes) = ([], 0) }
}
