/// Splits header values where it is allowed: separators inside double quotes do not count.
enum HeaderParameters {
  /// The parts between separators, trimmed, empty ones left out.
  static func split(_ text: String, at separator: UInt8) -> [String] {
    var parts: [String] = []
    var start = text.utf8.startIndex
    var quoted = false
    var escaped = false
    for index in text.utf8.indices {
      let byte = text.utf8[index]
      if escaped {
        escaped = false
      } else if quoted && byte == 92 {
        escaped = true
      } else if byte == 34 {
        quoted.toggle()
      } else if byte == separator && !quoted {
        parts.append(trimmed(text[start..<index]))
        start = text.utf8.index(after: index)
      }
    }
    parts.append(trimmed(text[start...]))
    return parts.filter { !$0.isEmpty }
  }

  /// `name=value` without the value's quotes; a bare word has no value.
  static func pair(_ text: String) -> (name: String, value: String?) {
    guard let equals = text.utf8.firstIndex(of: 61) else { return (text, nil) }
    return (trimmed(text[..<equals]), unquoted(trimmed(text[text.utf8.index(after: equals)...])))
  }

  /// Takes off double quotes and the escapes between them.
  static func unquoted(_ text: String) -> String {
    guard text.utf8.count >= 2, text.utf8.first == 34, text.utf8.last == 34 else { return text }
    var out = String.UnicodeScalarView()
    var escaped = false
    for scalar in text.unicodeScalars.dropFirst().dropLast() {
      if !escaped, scalar == "\\" {
        escaped = true
      } else {
        out.append(scalar)
        escaped = false
      }
    }
    return String(out)
  }

  static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { out += "\\" }
      out.unicodeScalars.append(scalar)
    }
    return out + "\""
  }
}
