internal import Gateway
internal import Measure
internal import Model
internal import NIOCore
internal import Wire

/// A publisher's FLV messages on their way to units; those that come before the stream is admitted wait here.
struct FLVIntake: MediaIntake {
  private var reader: FLVUnitReader
  private var queue = UnitQueue()
  private var tracksChanged = false

  /// - Parameter origin: stands in until the stream is admitted.
  init(origin: UnitOrigin) { reader = FLVUnitReader(id: AccessUnitID(origin: origin, epoch: 0, number: 0)) }

  var tracks: [Track] { reader.tracks }
  var isComplete: Bool { reader.isComplete }
  var held: (bytes: Int, since: BootTime)? { queue.held }

  /// Reads one message. Throws ``FaultCode/codecUnsupported`` or ``FaultCode/mediaMalformed``; the next message may be read all the same.
  mutating func read(_ message: RTMPMessage, arrival: BootTime, _ meter: inout SessionMeter) throws(Fault) {
    defer { queue.account(&meter) }
    if try reader.read(message, arrival: arrival, into: &queue.units) { tracksChanged = true }
  }

  mutating func begin(_ publication: PublicationIdentity, _ meter: inout SessionMeter) { reader.nextID = queue.begin(publication, &meter) }

  mutating func removeBatch(packetBytes: Int) -> IntakeBatch { IntakeBatch(units: queue.removeAll()) }

  mutating func removeNews() -> IntakeNews? {
    let clockRepairs = reader.removeClockRepairs()
    guard tracksChanged || !clockRepairs.isEmpty else { return nil }
    defer { tracksChanged = false }
    return IntakeNews(tracks: tracksChanged ? reader.tracks : nil, clockRepairs: clockRepairs)
  }

  var repairs: MediaRepairs { reader.repairs }

  mutating func dropHeld() { queue.drop() }
}
