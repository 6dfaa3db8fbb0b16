internal import Model

/// Incident ids sort by time and name files: the wall date and six random hexadecimal digits, `20261122-0a1b2c`.
enum IncidentID {
  static func make(at wall: WallTime) -> String {
    let date = wall.description.prefix(10).filter { $0 != "-" }
    return "\(date)-\(RandomHex.digits(6))"
  }
}

/// Digits from the system's random source.
enum RandomHex {
  static func digits(_ count: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<(count + 1) / 2).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return String(Hex.encode(bytes).prefix(count))
  }
}
