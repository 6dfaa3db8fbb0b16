public import Model

/// A figure's value as `recompute` prints it: facts' integers and texts, and ratios and seconds with six decimals at most (docs/recompute.md).
///
/// A number with decimals is kept in millionths until it is printed, so that two implementations print the same digits.
public enum PrintedJSON: Hashable, Sendable {
  case value(JSON)
  /// A ratio, or seconds, in millionths.
  case millionths(Int64)
  case list([PrintedJSON])
  case object([String: PrintedJSON])

  static func int(_ value: Int) -> PrintedJSON { .value(.int(Int64(value))) }
  static func words(_ value: String?) -> PrintedJSON { .value(.words(value)) }
  static func decimal(_ value: Int64?) -> PrintedJSON { value.map { .millionths($0) } ?? .value(.null) }
  /// Seconds, half to even to the microsecond.
  static func seconds(_ span: Nanoseconds?) -> PrintedJSON { decimal(span.map { Rounding.halfEven(Int128($0.value), by: 1000) }) }

  /// An object's member; nil when there is none, or this is no object.
  public subscript(key: String) -> PrintedJSON? { if case .object(let members) = self { members[key] } else { nil } }

  /// One line of UTF-8: keys sorted by their bytes, no spaces, decimals without trailing zeros.
  public var text: String {
    var out = ""
    write(to: &out)
    return out
  }

  private func write(to out: inout String) {
    switch self {
    case .value(let value): value.write(to: &out)
    case .millionths(let value): out += PrintedJSON.digits(value)
    case .list(let items):
      out += "["
      for (index, item) in items.enumerated() {
        if index > 0 { out += "," }
        item.write(to: &out)
      }
      out += "]"
    case .object(let members):
      out += "{"
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      for (index, member) in sorted.enumerated() {
        if index > 0 { out += "," }
        JSON.string(member.key).write(to: &out)
        out += ":"
        member.value.write(to: &out)
      }
      out += "}"
    }
  }

  /// `1500000` as `1.5`, `-1` as `-0.000001`, `0` as `0`.
  static func digits(_ millionths: Int64) -> String {
    let size = millionths.magnitude
    var fraction = String(size % 1_000_000)
    fraction = String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
    while fraction.last == "0" { fraction.removeLast() }
    return (millionths < 0 ? "-" : "") + String(size / 1_000_000) + (fraction.isEmpty ? "" : "." + fraction)
  }
}
