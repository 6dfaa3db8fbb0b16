internal import Model

/// Incident ids sort by time and name files: the wall date and six random hexadecimal digits, `20261122-0a1b2c`.
enum IncidentID {
  static func make(at wall: WallTime) -> String {
    let date = wall.description.prefix(10).filter { $0 != "-" }
    return "\(date)-\(RandomHex.digits(6))"
  }
}
