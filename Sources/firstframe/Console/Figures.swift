internal import Model

/// Figures as people read them; what judges stays in integers.
enum Figures {
  /// Milliseconds as `12.345 s`; a dash when unknown.
  static func seconds(nanoseconds: Int64?) -> String {
    guard let nanoseconds else { return "—" }
    let milliseconds = nanoseconds / 1_000_000
    let sign = milliseconds < 0 ? "-" : ""
    let size = milliseconds.magnitude
    let fraction = String(size % 1000)
    return "\(sign)\(size / 1000).\(String(repeating: "0", count: 3 - fraction.utf8.count))\(fraction) s"
  }

  static func bracket(_ lower: Int64?, _ upper: Int64?) -> String {
    lower == nil && upper == nil ? "—" : "[\(seconds(nanoseconds: lower)), \(seconds(nanoseconds: upper))]"
  }

  static func bytes(_ count: Int64) -> String {
    let units = ["B", "KB", "MB", "GB", "TB"]
    var value = Double(count)
    var unit = 0
    while value >= 1000, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    let tenths = Int((value * 10).rounded())
    return unit == 0 ? "\(count) B" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }
}
