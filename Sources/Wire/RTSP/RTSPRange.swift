public import Model

/// The `Range` header (RFC 2326 §12.29): which part is asked for, in normal play time or by the wall clock.
public enum RTSPRange: Hashable, Sendable {
  /// `npt=now-`: live.
  case now
  case normalPlayTime(start: Nanoseconds, end: Nanoseconds?)
  case clock(start: WallTime, end: WallTime?)

  /// Nil for other units (SMPTE) and for times that cannot be read.
  public init?(_ header: String) {
    let range = HeaderParameters.split(header, at: 59).first ?? ""
    let (unit, value) = HeaderParameters.pair(range)
    let ends = (value ?? "").split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { trimmed($0) }
    guard ends.count == 2 else { return nil }
    switch unit.lowercased() {
    case "npt":
      if RTSPHeaders.equal(ends[0], "now") {
        self = .now
        return
      }
      guard let start = ends[0].isEmpty ? Nanoseconds.zero : RTSPRange.normalPlayTime(ends[0]) else { return nil }
      let end = RTSPRange.normalPlayTime(ends[1])
      guard end != nil || ends[1].isEmpty else { return nil }
      self = .normalPlayTime(start: start, end: end)
    case "clock":
      guard let start = RTSPRange.wallTime(ends[0]) else { return nil }
      let end = RTSPRange.wallTime(ends[1])
      guard end != nil || ends[1].isEmpty else { return nil }
      self = .clock(start: start, end: end)
    default: return nil
    }
  }

  /// The `Range` header's value.
  public var text: String {
    switch self {
    case .now: "npt=now-"
    case .normalPlayTime(let start, let end): "npt=\(RTSPRange.text(start))-\(end.map(RTSPRange.text) ?? "")"
    case .clock(let start, let end): "clock=\(RTSPRange.text(start))-\(end.map(RTSPRange.text) ?? "")"
    }
  }

  /// `seconds[.fraction]` or `hours:minutes:seconds[.fraction]` (§3.6).
  private static func normalPlayTime(_ text: String) -> Nanoseconds? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 1 || parts.count == 3, let last = parts.last, let seconds = decimal(last) else { return nil }
    var total: Int64 = 0
    for part in parts.dropLast() {
      guard part.utf8.count <= 6, let value = Int64(part), value >= 0 else { return nil }
      total = (total + value) * 60
    }
    return Nanoseconds(total * 1_000_000_000) + seconds
  }

  private static func decimal(_ text: Substring) -> Nanoseconds? {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, whole.utf8.count <= 9, let seconds = Int64(whole), seconds >= 0 else { return nil }
    guard parts.count == 2 else { return .seconds(seconds) }
    let digits = parts[1].utf8.prefix(9)
    guard digits.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
    let padded = String(decoding: digits, as: UTF8.self) + String(repeating: "0", count: 9 - digits.count)
    return .seconds(seconds) + Nanoseconds(Int64(padded) ?? 0)
  }

  /// `19961108T142300.25Z` (§3.7).
  private static func wallTime(_ text: String) -> WallTime? {
    let digits = Array(text)
    guard digits.count >= 16, digits[8] == "T" else { return nil }
    func slice(_ from: Int, _ to: Int) -> String { String(digits[from..<to]) }
    return WallTime(
      "\(slice(0, 4))-\(slice(4, 6))-\(slice(6, 8))T\(slice(9, 11)):\(slice(11, 13)):\(slice(13, 15))\(String(digits[15...]))")
  }

  private static func text(_ time: Nanoseconds) -> String {
    let (seconds, rest) = max(0, time.value).quotientAndRemainder(dividingBy: 1_000_000_000)
    let thousandths = String(rest / 1_000_000)
    return "\(seconds)." + String(repeating: "0", count: max(0, 3 - thousandths.utf8.count)) + thousandths
  }

  private static func text(_ time: WallTime) -> String {
    String(time.description.unicodeScalars.filter { $0 != "-" && $0 != ":" }.map(Character.init))
  }
}
