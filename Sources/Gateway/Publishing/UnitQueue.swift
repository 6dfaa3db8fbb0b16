public import Measure
public import Model
internal import NIOCore

/// Units of an intake between their completion and the post. Those that come before the stream is admitted wait: they get their numbers, and are
/// measured, with the admission; later ones are measured as they come.
///
///     try reader.read(bytes, into: &queue.units)
///     queue.account(&meter)
public struct UnitQueue: Sendable {
  /// In decode order; a reader of the protocol appends here. Once the stream is admitted it numbers them itself, from what ``begin(_:_:)`` gave.
  public var units: [AccessUnit] = []
  /// How many of them have been measured, or counted as waiting.
  private var accounted = 0
  private var heldBytes = 0
  private var isLive = false

  public init() {}

  /// Payload bytes that wait for admission, and when the first of them began to arrive; nil when none waits.
  public var held: (bytes: Int, since: BootTime)? { isLive ? nil : units.first.map { (heldBytes, $0.firstArrival) } }

  /// To be called after units were appended.
  public mutating func account(_ meter: inout SessionMeter) {
    for index in accounted..<units.count {
      let bytes = units[index].payload.readableBytes
      if isLive {
        meter.bytes(bytes, track: units[index].track)
        meter.unit(units[index])
      } else {
        heldBytes &+= bytes
      }
    }
    accounted = units.count
  }

  /// The stream is admitted.
  /// - Returns: the identity of the next unit.
  public mutating func begin(_ publication: PublicationIdentity, _ meter: inout SessionMeter) -> AccessUnitID {
    var next = AccessUnitID(origin: publication.origin, epoch: publication.epoch, number: 1)
    for index in units.indices {
      units[index].id = next
      next.number &+= 1
    }
    isLive = true
    accounted = 0
    account(&meter)
    return next
  }

  /// What was completed since the last call.
  public mutating func removeAll() -> [AccessUnit] {
    guard !units.isEmpty else { return [] }
    var completed: [AccessUnit] = []
    swap(&completed, &units)
    accounted = 0
    return completed
  }

  /// Lets the units go that wait.
  public mutating func drop() {
    units = []
    (accounted, heldBytes) = (0, 0)
  }
}
