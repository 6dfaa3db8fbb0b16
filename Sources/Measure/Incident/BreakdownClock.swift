internal import Model

/// Walks a device's milestones in their order and gives each part the time that is not an earlier part's.
struct BreakdownClock {
  private var cursor: NodeInstant

  init(_ start: NodeInstant) { cursor = start }

  /// The time of one part; nil when an end is unknown, or the two are not of one clock. Its end counts for later parts either way.
  mutating func part(from begin: NodeInstant?, to end: NodeInstant?) -> Nanoseconds? {
    guard let end else { return nil }
    let earlier = cursor
    let overlap = end - earlier
    if overlap.map({ $0 > .zero }) ?? true { cursor = end }
    guard let begin, let whole = end - begin else { return nil }
    guard let rest = overlap else { return max(.zero, whole) }
    return max(.zero, min(whole, rest))
  }
}

extension IncidentFigures {
  /// The steps that a picture on its way takes, in their order.
  static let milestones: [StepID] = [.t2, .t5, .t5k, .t6, .t8]

  /// - Parameter connected: the first admission of each device's stream after t1.
  func breakdown(connected: [String: NodeInstant]) -> IncidentBreakdown? {
    guard let device = decidingDevice else { return nil }
    var made = IncidentBreakdown(device: device)
    func at(_ id: StepID) -> NodeInstant? { step(id, device: device)?.at }
    let admitted = connected[device]
    let arrived = admitted ?? at(.t5)
    var clock = BreakdownClock(received)
    made.parts[.desk] = clock.part(from: received, to: at(.t2))
    made.parts[.crew] = clock.part(from: at(.t2), to: arrived)
    made.parts[.network] = admitted == nil ? nil : clock.part(from: admitted, to: at(.t5))
    made.parts[.keyFrame] = clock.part(from: at(.t5), to: at(.t5k))
    made.parts[.decode] = clock.part(from: at(.t5k), to: at(.t6))
    made.parts[.uplink] = clock.part(from: at(.t6), to: at(.t8))
    made.answer = IncidentFigures.inOrder(at(.t2), at(.t3))
    made.travel = IncidentFigures.inOrder(at(.t3), at(.t4))
    made.setup = IncidentFigures.inOrder(at(.t4), arrived)
    made.waitingFor = IncidentFigures.milestones.first { at($0) == nil }
    return made
  }

  private static func inOrder(_ begin: NodeInstant?, _ end: NodeInstant?) -> Nanoseconds? {
    guard let begin, let end, let time = end - begin, time >= .zero else { return nil }
    return time
  }

  /// The first at the province, else at the county, else the one that got furthest.
  private var decidingDevice: String? {
    if let known = province?.device ?? county?.device { return known }
    func progress(_ name: String) -> Int {
      let order: [StepID] = [.t2, .t3, .t4, .t5, .t5k, .t6, .t8]
      return order.lastIndex { step($0, device: name) != nil } ?? -1
    }
    var best: (name: String, progress: Int)?
    for device in devices where progress(device.name) > best?.progress ?? -2 { best = (device.name, progress(device.name)) }
    return best?.name
  }
}
