internal import Model

/// Names an incident at an upper node: two counties may use the same id.
struct CaseKey: Hashable, Sendable {
  var county: String
  var incident: String
}

/// The counties' incidents that E1 announced to this upper node, decided without I/O: which E1 stands, which pictures are still wanted.
struct CaseBook {
  /// What an E1 is to what is known.
  enum Reception {
    /// The first of its incident.
    case new
    /// The same again, after a reconnect.
    case known
    /// Another E1 of the same incident: a county that changed its story. The first stands.
    case changed
  }

  /// A device whose picture is wanted, and from which unit on it counts.
  struct Wanted {
    var device: OpenedIncident.Device
    /// The device's place in the incident: it names the snapshot.
    var index: Int
    var floor: (epoch: UInt64, number: UInt64)
  }

  private struct Case {
    var received: ReceivedIncident
    /// How many receipts proved nothing at the county, so that another picture was looked for.
    var refusals = 0
    /// Units that count from then on, where a receipt was refused.
    var floors: [StreamName: (epoch: UInt64, number: UInt64)] = [:]
  }

  /// Receipts of one incident that may be refused before no other picture is looked for.
  private static let mostRefusals = 16

  private var cases: [CaseKey: Case] = [:]

  subscript(key: CaseKey) -> ReceivedIncident? { cases[key]?.received }

  var all: [ReceivedIncident] { cases.values.map(\.received) }

  /// - Parameter received: with the beacon that this node believes.
  mutating func receive(_ received: ReceivedIncident) -> Reception {
    let key = CaseKey(county: received.county, incident: received.opened.incident)
    if let known = cases[key] { return known.received.opened.openedSHA256 == received.opened.openedSHA256 ? .known : .changed }
    cases[key] = Case(received: received)
    return .new
  }

  /// The first picture of a stream was decoded.
  mutating func decoded(_ stream: StreamName, of key: CaseKey, at time: BootTime) { cases[key]?.received.decoded[stream] = time }

  /// Another picture than `unit` is wanted, because the county cannot take the receipt for it. False when that is no use any more.
  mutating func lookAgain(_ stream: StreamName, after unit: AccessUnitID, of key: CaseKey) -> Bool {
    guard let one = cases[key], one.refusals < CaseBook.mostRefusals else { return false }
    cases[key]?.refusals += 1
    cases[key]?.floors[stream] = (unit.epoch, unit.number &+ 1)
    cases[key]?.received.decoded[stream] = nil
    return true
  }

  /// Devices of an incident that showed no picture yet.
  func wanted(_ key: CaseKey) -> [Wanted] {
    guard let one = cases[key] else { return [] }
    return one.received.opened.devices.enumerated().filter { one.received.decoded[$0.element.stream] == nil }.map { index, device in
      Wanted(device: device, index: index, floor: one.floors[device.stream] ?? (epoch: device.epoch, number: device.number))
    }
  }
}
