/// Named members in the sender's order.
public struct AMF0Object: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// One name and value. Names may repeat: the order on the wire is kept.
  public struct Member: Hashable, Sendable {
    public var name: String
    public var value: AMF0Value
    public init(name: String, value: AMF0Value) {
      self.name = name
      self.value = value
    }
  }

  /// In the order of the wire.
  public var members: [Member]

  public init(_ members: [Member] = []) { self.members = members }

  public init(dictionaryLiteral elements: (String, AMF0Value)...) {
    members = elements.map { Member(name: $0.0, value: $0.1) }
  }

  /// The first member of that name; setting appends when there is none.
  public subscript(name: String) -> AMF0Value? {
    get { members.first { $0.name == name }?.value }
    set {
      let index = members.firstIndex { $0.name == name }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(name: name, value: value))
      case (nil, nil): break
      }
    }
  }
}
