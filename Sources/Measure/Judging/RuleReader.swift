internal import Model

/// Reads an object of a profile or policy strictly: every key is known, every number lies in its range and names its source.
///
/// Errors are ``Fault``s of `.configInvalid` or `.configUnknownKey` whose detail is the key's path and what was expected.
struct RuleReader {
  let path: String
  private let members: [String: JSON]
  private var known: Set<String> = []

  init(_ value: JSON?, path: String) throws(Fault) {
    guard let members = value?.objectValue else { throw Fault(.configInvalid, "\(path): an object was expected") }
    self.members = members
    self.path = path
  }

  func has(_ key: String) -> Bool { !(members[key] ?? .null == .null) }

  mutating func optionalInt(_ key: String, _ range: ClosedRange<Int64> = 0...Int64.max) throws(Fault) -> Int64? {
    known.insert(key)
    guard has(key) else { return nil }
    guard let value = members[key]?.intValue else { throw wrong(key, "an integer was expected (units are in the name)") }
    guard range.contains(value) else { throw wrong(key, "\(value) is outside \(range.lowerBound)…\(range.upperBound)") }
    return value
  }

  mutating func int(_ key: String, _ range: ClosedRange<Int64> = 0...Int64.max) throws(Fault) -> Int64 {
    guard let value = try optionalInt(key, range) else { throw wrong(key, "missing") }
    return value
  }

  mutating func text(_ key: String) throws(Fault) -> String {
    known.insert(key)
    guard let value = members[key]?.stringValue, !value.isEmpty else { throw wrong(key, "a text was expected") }
    return value
  }

  mutating func flag(_ key: String, default standard: Bool) throws(Fault) -> Bool {
    known.insert(key)
    guard has(key) else { return standard }
    guard let value = members[key]?.boolValue else { throw wrong(key, "true or false was expected") }
    return value
  }

  mutating func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, _: Choice.Type) throws(Fault) -> Choice
  where Choice.RawValue == String {
    let name = try text(key)
    guard let value = Choice(rawValue: name) else { throw wrong(key, "\(name) is none of \(names(Choice.self))") }
    return value
  }

  mutating func choices<Choice: RawRepresentable & CaseIterable>(_ key: String, _: Choice.Type) throws(Fault) -> [Choice]
  where Choice.RawValue == String {
    known.insert(key)
    guard let items = members[key]?.arrayValue else { throw wrong(key, "a list was expected") }
    var chosen: [Choice] = []
    for item in items {
      guard let name = item.stringValue, let value = Choice(rawValue: name) else {
        throw wrong(key, "\(item.text) is none of \(names(Choice.self))")
      }
      chosen.append(value)
    }
    return chosen
  }

  mutating func ints(_ key: String, _ range: ClosedRange<Int64>) throws(Fault) -> [Int64] {
    known.insert(key)
    guard let items = members[key]?.arrayValue else { throw wrong(key, "a list of integers was expected") }
    var values: [Int64] = []
    for item in items {
      guard let value = item.intValue, range.contains(value) else {
        throw wrong(key, "\(item.text) is no integer in \(range.lowerBound)…\(range.upperBound)")
      }
      values.append(value)
    }
    return values
  }

  /// A nested object; nil when it is absent or null.
  mutating func object(_ key: String) throws(Fault) -> RuleReader? {
    known.insert(key)
    return has(key) ? try RuleReader(members[key], path: "\(path).\(key)") : nil
  }

  /// Every key that was asked for and is there must have its clause in `sources`, and no other key may be there.
  mutating func finish(sourced keys: [String] = []) throws(Fault) {
    known.insert("source")
    known.insert("sources")
    for key in members.keys.sorted() where !known.contains(key) {
      let nearest = known.min { RuleReader.distance($0, key) < RuleReader.distance($1, key) } ?? ""
      throw Fault(.configUnknownKey, "\(path).\(key): did you mean \(nearest)?")
    }
    for key in keys where has(key) {
      let clause = members["sources"]?[key]?.stringValue ?? members["source"]?.stringValue ?? ""
      guard !clause.isEmpty else { throw wrong(key, "its source clause is missing") }
    }
  }

  func wrong(_ key: String, _ what: String) -> Fault { Fault(.configInvalid, "\(path).\(key): \(what)") }

  private func names<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) -> String where Choice.RawValue == String {
    Choice.allCases.map(\.rawValue).joined(separator: ", ")
  }

  /// Levenshtein distance of the UTF-8 bytes.
  static func distance(_ a: String, _ b: String) -> Int {
    let other = Array(b.utf8)
    var row = Array(0...other.count)
    for (index, byte) in a.utf8.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in other.indices {
        let next = min(row[column] + 1, row[column + 1] + 1, diagonal + (byte == other[column] ? 0 : 1))
        diagonal = row[column + 1]
        row[column + 1] = next
      }
    }
    return row[other.count]
  }
}
