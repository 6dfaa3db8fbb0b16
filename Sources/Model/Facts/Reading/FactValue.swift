/// A type that a fact's member may have.
protocol FactValue: Hashable, Sendable {
  /// Nil when the JSON value is of another type.
  init?(json: JSON)
  /// As it is written.
  var json: JSON { get }
}

extension Optional where Wrapped: FactValue {
  /// Null for nil: of members that are always written. `value?.json` leaves the member out.
  var json: JSON { self?.json ?? .null }
}

extension String: FactValue {
  init?(json: JSON) {
    guard case .string(let value) = json else { return nil }
    self = value
  }
  var json: JSON { .string(self) }
}

extension Int64: FactValue {
  init?(json: JSON) {
    guard case .int(let value) = json else { return nil }
    self = value
  }
  var json: JSON { .int(self) }
}

extension Bool: FactValue {
  init?(json: JSON) {
    guard case .bool(let value) = json else { return nil }
    self = value
  }
  var json: JSON { .bool(self) }
}

extension BootTime: FactValue {
  /// From nanoseconds since boot, as every `…Ns` instant is written.
  init?(json: JSON) {
    guard case .int(let value) = json else { return nil }
    self.init(nanoseconds: value)
  }
  var json: JSON { .int(nanoseconds) }
}

extension Nanoseconds: FactValue {
  init?(json: JSON) {
    guard case .int(let value) = json else { return nil }
    self.init(value)
  }
  var json: JSON { .int(value) }
}

/// Any value, for members whose inside is another format: a rule's body, a fault, published figures.
extension JSON: FactValue {
  /// Null counts as absent.
  init?(json: JSON) {
    guard json != .null else { return nil }
    self = json
  }
  var json: JSON { self }
}

/// A list; elements of another type are left out.
extension Array: FactValue where Element: FactValue {
  init?(json: JSON) {
    guard case .array(let values) = json else { return nil }
    self = values.compactMap { Element(json: $0) }
  }
  var json: JSON { .array(map(\.json)) }
}

/// An object within a fact, with types of its own.
protocol FactObject: FactValue {
  /// Nil when a required member is missing.
  init?(_ read: FactReader)
  var members: [String: JSON] { get }
}

extension FactObject {
  init?(json: JSON) {
    guard let read = FactReader(json: json) else { return nil }
    self.init(read)
  }
  var json: JSON { .object(members) }
}
