internal import Model

/// The incidents that were announced over one uplink: sent again after each reconnect, until they are closed.
struct Announcements {
  struct Announced {
    var opened: OpenedIncident
    /// c(E1), perhaps of an earlier boot.
    var at: NodeInstant
    /// Closed at this node: a receipt that was on its way still counts.
    var isWithdrawn = false
  }

  /// Withdrawn incidents that are kept for receipts on their way.
  private static let mostWithdrawn = 256

  private var incidents: [String: Announced] = [:]
  private var withdrawn: [String] = []

  subscript(id: String) -> Announced? { incidents[id] }

  /// What the upper node must know after a reconnect: incidents that are open, and those that were closed meanwhile.
  var open: [OpenedIncident] { incidents.values.filter { !$0.isWithdrawn }.map(\.opened) }
  var closed: [String] { withdrawn }

  /// The first E1 of an incident stands.
  mutating func add(_ opened: OpenedIncident, at instant: NodeInstant) {
    if incidents[opened.incident] == nil { incidents[opened.incident] = Announced(opened: opened, at: instant) }
  }

  /// False when it was never announced, or is withdrawn already.
  mutating func withdraw(_ id: String) -> Bool {
    guard incidents[id]?.isWithdrawn == false else { return false }
    incidents[id]?.isWithdrawn = true
    withdrawn.append(id)
    if withdrawn.count > Announcements.mostWithdrawn { incidents[withdrawn.removeFirst()] = nil }
    return true
  }

  /// Open incidents that name a stream.
  func naming(_ stream: StreamName) -> [String] {
    incidents.values.filter { one in !one.isWithdrawn && one.opened.devices.contains { $0.stream == stream } }.map(\.opened.incident)
  }
}
