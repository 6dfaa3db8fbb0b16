/// Writes Prometheus's text format 0.0.4: one HELP and TYPE a family, escaped labels.
struct MetricsText {
  private(set) var text = ""
  private var name = ""

  /// - Parameter kind: `gauge` or `counter`.
  mutating func family(_ name: String, _ kind: String, _ help: String, _ body: (inout MetricsText) -> Void) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    self.name = name
    body(&self)
  }

  /// A family of one sample.
  mutating func value(_ name: String, _ kind: String, _ help: String, _ value: Double) {
    family(name, kind, help) { $0.sample([], value) }
  }

  mutating func sample(_ labels: [(String, String)], _ value: Double) {
    text += name
    if !labels.isEmpty { text += "{" + labels.map { "\($0.0)=\"\(MetricsText.escaped($0.1))\"" }.joined(separator: ",") + "}" }
    text += value == value.rounded() && abs(value) < 1e15 ? " \(Int64(value))\n" : " \(value)\n"
  }

  /// By Unicode scalar: a quote with a combining mark is one character, and a quote all the same for who reads it.
  private static func escaped(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": out.append(contentsOf: "\\\\".unicodeScalars)
      case "\"": out.append(contentsOf: "\\\"".unicodeScalars)
      case "\n": out.append(contentsOf: "\\n".unicodeScalars)
      default: out.append(scalar)
      }
    }
    return String(out)
  }
}
