extension JSON {
  /// The value as one line of UTF-8: keys sorted by their UTF-8 bytes, no spaces, only `"`, `\` and control characters escaped.
  public var text: String {
    var out = ""
    write(to: &out)
    return out
  }

  /// Appends ``text``.
  public func write(to out: inout String) {
    switch self {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .int(let value): out += String(value)
    case .string(let value): JSON.quote(value, to: &out)
    case .array(let values):
      out += "["
      for (index, value) in values.enumerated() {
        if index > 0 { out += "," }
        value.write(to: &out)
      }
      out += "]"
    case .object(let members):
      out += "{"
      for (index, key) in members.keys.sorted(by: JSON.precedes).enumerated() {
        if index > 0 { out += "," }
        JSON.quote(key, to: &out)
        out += ":"
        (members[key] ?? .null).write(to: &out)
      }
      out += "}"
    }
  }

  /// By UTF-8 bytes, so that any language sorts alike; Swift's own order compares normalised text.
  static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

  static func quote(_ value: String, to out: inout String) {
    out += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case "\u{0}"..."\u{1F}": out += "\\u00" + Hex.encode([UInt8(truncatingIfNeeded: scalar.value)])
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}
