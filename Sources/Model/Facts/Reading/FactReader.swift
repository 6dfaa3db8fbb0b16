/// Reads an object's members by name into the type that is asked for.
///
///     guard let read = FactReader(fact, Self.kinds), let session: String = read["session"] else { return nil }
///     self.init(session: session, peer: read["peer"])
struct FactReader {
  private let members: [String: JSON]

  init(_ members: [String: JSON]) { self.members = members }

  /// Nil when the value is no object.
  init?(json: JSON) {
    guard case .object(let members) = json else { return nil }
    self.members = members
  }

  /// Nil when the fact is of none of these kinds.
  init?(_ fact: Fact, _ kinds: [String]) {
    guard kinds.contains(fact.kind) else { return nil }
    members = fact.fields
  }

  /// Nil when the member is absent, null or of another type.
  subscript<Value: FactValue>(key: String) -> Value? { members[key].flatMap { Value(json: $0) } }

  /// An object as it stands, its nulls included: of formats that have a home elsewhere.
  func object(_ key: String) -> [String: JSON]? { members[key]?.objectValue }
}
