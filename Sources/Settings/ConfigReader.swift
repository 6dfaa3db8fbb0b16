internal import Model

/// Reads one map of a configuration, remembers which keys were asked for, and refuses the others by naming the nearest.
final class ConfigReader {
  private let path: String
  private let members: [String: ConfigNode]
  private var asked: Set<String> = []

  init(_ node: ConfigNode?, path: String) throws(Fault) {
    self.path = path
    switch node {
    case nil: members = [:]
    case .map(let found): members = found
    case .scalar(""), .scalar("null"), .scalar("~"): members = [:]
    default: throw Fault(.configInvalid, "\(path): expected keys and values")
    }
  }

  private func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private func node(_ key: String) -> ConfigNode? {
    asked.insert(key)
    return members[key]
  }

  func section(_ key: String) throws(Fault) -> ConfigReader { try ConfigReader(node(key), path: full(key)) }

  /// Each entry of a list of maps, with its path for errors; an absent list is empty.
  func sections(_ key: String) throws(Fault) -> [ConfigReader] {
    switch node(key) {
    case nil, .scalar("")?, .scalar("null")?, .scalar("~")?: return []
    case .list(let items)?:
      var readers: [ConfigReader] = []
      for (index, item) in items.enumerated() { readers.append(try ConfigReader(item, path: "\(full(key))[\(index)]")) }
      return readers
    default: throw Fault(.configInvalid, "\(full(key)): expected a list")
    }
  }

  func optionalText(_ key: String) throws(Fault) -> String? {
    switch node(key) {
    case nil, .scalar("")?, .scalar("null")?, .scalar("~")?: return nil
    case .scalar(let text)?: return text
    default: throw Fault(.configInvalid, "\(full(key)): expected a text")
    }
  }

  func text(_ key: String, default fallback: String) throws(Fault) -> String { try optionalText(key) ?? fallback }

  func required(_ key: String) throws(Fault) -> String {
    guard let text = try optionalText(key) else { throw Fault(.configInvalid, "\(full(key)): is missing") }
    return text
  }

  func texts(_ key: String, default fallback: [String]) throws(Fault) -> [String] {
    switch node(key) {
    case nil: return fallback
    case .scalar(let text)?: return [text]
    case .list(let items)?:
      var texts: [String] = []
      for item in items {
        guard case .scalar(let text) = item else { throw Fault(.configInvalid, "\(full(key)): expected texts") }
        texts.append(text)
      }
      return texts
    default: throw Fault(.configInvalid, "\(full(key)): expected a list of texts")
    }
  }

  func flag(_ key: String, default fallback: Bool) throws(Fault) -> Bool {
    guard let text = try optionalText(key) else { return fallback }
    switch text {
    case "true": return true
    case "false": return false
    default: throw Fault(.configInvalid, "\(full(key)): expected true or false, not \(text)")
    }
  }

  func number(_ key: String, default fallback: Int, in range: ClosedRange<Int>) throws(Fault) -> Int {
    guard let text = try optionalText(key) else { return fallback }
    guard let value = Int(text), range.contains(value) else {
      throw Fault(.configInvalid, "\(full(key)): expected \(range.lowerBound)…\(range.upperBound), not \(text)")
    }
    return value
  }

  func choice<T: RawRepresentable & CaseIterable>(_ key: String, default fallback: T) throws(Fault) -> T where T.RawValue == String {
    guard let text = try optionalText(key) else { return fallback }
    guard let value = T(rawValue: text) else {
      throw Fault(.configInvalid, "\(full(key)): expected \(T.allCases.map(\.rawValue).joined(separator: " | ")), not \(text)")
    }
    return value
  }

  /// A range such as `20000-21999`.
  func ports(_ key: String, default fallback: ClosedRange<Int>) throws(Fault) -> ClosedRange<Int> {
    guard let text = try optionalText(key) else { return fallback }
    let ends = text.split(separator: "-").map { Int($0.filter { $0 != " " }) }
    guard ends.count == 2, let low = ends[0], let high = ends[1], low >= 1, low < high, high <= 65_535 else {
      throw Fault(.configInvalid, "\(full(key)): expected a range such as 20000-21999, not \(text)")
    }
    return low...high
  }

  func name(_ key: String, _ text: String) throws(Fault) -> StreamName {
    guard let name = StreamName(text) else { throw Fault(.configInvalid, "\(full(key)): \(text) is no stream name") }
    return name
  }

  func fail(_ key: String, _ why: String) -> Fault { Fault(.configInvalid, "\(full(key)): \(why)") }

  /// Refuses the first key that nobody asked for, by naming the nearest one that exists.
  func finish() throws(Fault) {
    guard let unknown = members.keys.filter({ !asked.contains($0) }).sorted().first else { return }
    let nearest = asked.min { (distance($0, unknown), $0) < (distance($1, unknown), $1) }
    throw Fault(.configUnknownKey, full(unknown) + (nearest.map { ";最接近的键 / nearest key: \(full($0))" } ?? ""))
  }
}

/// Levenshtein's distance.
func distance(_ a: String, _ b: String) -> Int {
  let a = Array(a.lowercased())
  let b = Array(b.lowercased())
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let cost = min(diagonal + (x == y ? 0 : 1), row[j] + 1, row[j + 1] + 1)
      diagonal = row[j + 1]
      row[j + 1] = cost
    }
  }
  return row[b.count]
}
