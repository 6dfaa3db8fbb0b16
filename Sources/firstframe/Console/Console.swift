internal import Model

#if canImport(Glibc)
  internal import Glibc
#endif

/// What a person at a terminal sees.
enum Console {
  static let isTerminal = isatty(1) == 1

  static func say(_ text: String = "") {
    Swift.print(text)
    fflush(nil)
  }

  static func error(_ text: String) {
    fflush(nil)
    write(text + "\n", to: 2)
  }

  /// A failure, to the standard error.
  static func error(_ fault: Fault) { error(text(fault)) }

  /// A failure: what happened and what to do, Chinese first.
  static func text(_ fault: Fault) -> String {
    let detail = fault.detail.isEmpty ? "" : ":\(fault.detail)"
    return """
      ✗ \(fault.happened.zh)\(detail)
        → \(fault.toDo.zh)
        \(fault.happened.en). \(fault.toDo.en). [\(fault.code.rawValue), \(fault.origin.rawValue)]
      """
  }

  /// Rewrites the line the cursor is on; on a pipe it prints nothing.
  static func progress(_ text: String) {
    guard isTerminal else { return }
    write("\r\u{1B}[2K" + text, to: 1)
  }

  static func endProgress() { if isTerminal { write("\r\u{1B}[2K", to: 1) } }

  private static func write(_ text: String, to file: Int32) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(file, bytes, bytes.count)
  }

  /// How many columns of a terminal a text fills: Chinese characters fill two.
  static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { sum, scalar in
      switch scalar.value {
      case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x20000...0x3FFFD:
        sum + 2
      case 0x300...0x36F: sum
      default: sum + 1
      }
    }
  }

  /// Prints rows aligned in columns, the first row being the head.
  static func table(_ rows: [[String]]) { for line in lines(rows) { say(line) } }

  /// Rows aligned in columns, the first row being the head, with a rule below it.
  static func lines(_ rows: [[String]]) -> [String] {
    guard let columns = rows.map(\.count).max() else { return [] }
    let widths = (0..<columns).map { column in rows.map { $0.indices.contains(column) ? width($0[column]) : 0 }.max() ?? 0 }
    var lines = rows.map { row in
      let cells = row.enumerated().map { column, cell in cell + String(repeating: " ", count: max(0, widths[column] - width(cell))) }
      return cells.joined(separator: "  ").trimmingTrailingSpaces
    }
    lines.insert(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "), at: 1)
    return lines
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    var text = self[...]
    while text.last == " " { text = text.dropLast() }
    return String(text)
  }
}
