/// One value of Action Message Format 0, the language of RTMP's commands and metadata (AMF0 specification 2.2–2.18).
public enum AMF0Value: Hashable, Sendable {
  case number(Double)
  case boolean(Bool)
  /// Short or long on the wire, by its length.
  case string(String)
  case object(AMF0Object)
  case null
  case undefined
  /// An object that says how many members it has; some senders write a wrong one, so it is ignored.
  case ecmaArray(AMF0Object)
  case strictArray([AMF0Value])
  /// Milliseconds since 1970 UTC.
  case date(Double)

  /// Nil when it is no number.
  public var numberValue: Double? { if case .number(let value) = self { value } else { nil } }
  /// Nil when it is no string.
  public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
  /// Nil when it is no boolean.
  public var boolValue: Bool? { if case .boolean(let value) = self { value } else { nil } }

  /// The members of an object or an ECMA array.
  public var objectValue: AMF0Object? {
    switch self {
    case .object(let object), .ecmaArray(let object): object
    default: nil
    }
  }
}

extension AMF0Value: ExpressibleByStringLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
  public init(stringLiteral value: String) { self = .string(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(integerLiteral value: Int64) { self = .number(Double(value)) }
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
}
