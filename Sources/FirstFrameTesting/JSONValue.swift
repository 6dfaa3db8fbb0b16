public import Foundation

/// A JSON value with any number, as tests read answers: the model's own `JSON` has integers only, on purpose.
public enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Throws what the decoder throws for a text that is no JSON.
  public init(parsing text: Data) throws { self = try JSONDecoder().decode(JSONValue.self, from: text) }

  /// A member of an object; nil where there is none.
  public subscript(key: String) -> JSONValue? { if case .object(let members) = self { members[key] } else { nil } }
  /// An element of an array; nil beyond its end.
  public subscript(index: Int) -> JSONValue? { array.flatMap { $0.indices.contains(index) ? $0[index] : nil } }

  /// Nil for anything but a string; so are those below.
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  /// Nil when it is no number.
  public var number: Double? { if case .number(let value) = self { value } else { nil } }
  /// Nil when it is no boolean.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// Nil when it is no array.
  public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  /// Nil when it is no object.
  public var object: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }

  /// As text, keys sorted.
  public var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}

extension JSONValue: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .number(let value):
      if let whole = Int64(exactly: value) { try container.encode(whole) } else { try container.encode(value) }
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(Dictionary(elements) { _, last in last }) }
  public init(nilLiteral: ()) { self = .null }
}
