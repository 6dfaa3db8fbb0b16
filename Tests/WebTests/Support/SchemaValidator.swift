import FirstFrameTesting
import Foundation

/// Judges values by the part of JSON Schema that `openapi.json` uses. Closed: a member that no schema names is a problem, unless
/// `additionalProperties` is true. So is a keyword that it does not know: what is not judged must not look as if it were.
struct SchemaValidator: Sendable {
  /// Where `$ref` leads.
  let document: JSONValue

  /// What is wrong with a value, each with its place in it; empty when it fits.
  func problems(_ value: JSONValue, _ schema: JSONValue, at place: String = "$") -> [String] {
    guard let rules = schema.object else { return ["\(place): no schema"] }
    return rules.sorted { $0.key < $1.key }.flatMap { problems(value, $0.key, $0.value, of: rules, at: place) }
  }

  private func problems(
    _ value: JSONValue, _ keyword: String, _ rule: JSONValue, of rules: [String: JSONValue], at place: String
  ) -> [String] {
    switch keyword {
    case "description", "format", "default", "additionalProperties": return []
    case "$ref":
      guard let target = resolve(rule) else { return ["\(place): \(rule.text) leads nowhere"] }
      return problems(value, target, at: place)
    case "anyOf":
      let branches = (rule.array ?? []).map { problems(value, $0, at: place) }
      return branches.contains(where: \.isEmpty) ? [] : ["\(place): fits none of \(branches.count)"] + branches.flatMap { $0 }
    case "type":
      let types = rule.array ?? [rule]
      return types.contains { SchemaValidator.isOf($0.string ?? "", value) } ? [] : ["\(place): \(value.text.prefix(60)) is not \(rule.text)"]
    case "enum": return rule.array?.contains(value) == true ? [] : ["\(place): \(value.text.prefix(60)) is not one of \(rule.text)"]
    case "required", "properties": return members(value, keyword, rule, of: rules, at: place)
    case "items": return (value.array ?? []).enumerated().flatMap { problems($1, rule, at: "\(place)[\($0)]") }
    default: return limits(value, keyword, rule, at: place)
    }
  }

  private func members(
    _ value: JSONValue, _ keyword: String, _ rule: JSONValue, of rules: [String: JSONValue], at place: String
  ) -> [String] {
    guard let members = value.object else { return [] }
    if keyword == "required" {
      return (rule.array ?? []).compactMap(\.string).filter { members[$0] == nil }.map { "\(place).\($0): is missing" }
    }
    let known = rule.object ?? [:]
    let isOpen = rules["additionalProperties"]?.bool == true
    return members.sorted { $0.key < $1.key }.flatMap { name, member -> [String] in
      if let schema = known[name] { return problems(member, schema, at: "\(place).\(name)") }
      return isOpen ? [] : ["\(place).\(name): is not described"]
    }
  }

  private func limits(_ value: JSONValue, _ keyword: String, _ rule: JSONValue, at place: String) -> [String] {
    let fits: Bool
    switch keyword {
    case "minimum": fits = value.number.map { $0 >= rule.number ?? 0 } ?? true
    case "maximum": fits = value.number.map { $0 <= rule.number ?? 0 } ?? true
    case "maxLength": fits = value.string.map { $0.unicodeScalars.count <= Int(rule.number ?? 0) } ?? true
    case "maxItems": fits = value.array.map { $0.count <= Int(rule.number ?? 0) } ?? true
    case "pattern": fits = value.string.map { $0.range(of: rule.string ?? "", options: .regularExpression) != nil } ?? true
    default: return ["\(place): keyword \(keyword) is not judged here"]
    }
    return fits ? [] : ["\(place): \(value.text.prefix(60)) breaks \(keyword) \(rule.text)"]
  }

  private func resolve(_ reference: JSONValue) -> JSONValue? {
    guard let path = reference.string, path.hasPrefix("#/") else { return nil }
    return path.dropFirst(2).split(separator: "/").reduce(Optional(document)) { $0?[String($1)] }
  }

  private static func isOf(_ type: String, _ value: JSONValue) -> Bool {
    switch (type, value) {
    case ("null", .null), ("boolean", .bool), ("number", .number), ("string", .string), ("array", .array), ("object", .object): true
    case ("integer", .number(let number)): number == number.rounded()
    default: false
    }
  }
}
