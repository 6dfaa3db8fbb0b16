/// The header fields of a message in the order they came; names compare without regard to case (RFC 2326 §4.2).
public struct RTSPHeaders: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// One header field as it came.
  public struct Field: Hashable, Sendable {
    public var name: String
    public var value: String
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// In the order of the wire.
  public private(set) var fields: [Field] = []

  public init() {}
  public init(dictionaryLiteral elements: (String, String)...) { fields = elements.map { Field($0.0, $0.1) } }

  /// The first field of that name. Setting replaces every one of them, nil removes them.
  public subscript(name: String) -> String? {
    get { fields.first { RTSPHeaders.equal($0.name, name) }?.value }
    set {
      let at = fields.firstIndex { RTSPHeaders.equal($0.name, name) } ?? fields.count
      fields.removeAll { RTSPHeaders.equal($0.name, name) }
      if let newValue { fields.insert(Field(name, newValue), at: min(at, fields.count)) }
    }
  }

  /// The values of all fields of that name, whatever its case.
  public func all(_ name: String) -> [String] { fields.filter { RTSPHeaders.equal($0.name, name) }.map(\.value) }
  /// Appends a field; one of the same name stays.
  public mutating func add(_ name: String, _ value: String) { fields.append(Field(name, value)) }

  /// Joins a continuation line to the last field (RFC 2326 §4.2 by RFC 2068 §4.2).
  mutating func extendLast(_ text: String) {
    guard let last = fields.indices.last else { return }
    fields[last].value += fields[last].value.isEmpty ? text : " " + text
  }

  /// Equal but for the case of ASCII letters.
  static func equal(_ a: some StringProtocol, _ b: some StringProtocol) -> Bool {
    a.utf8.count == b.utf8.count && zip(a.utf8, b.utf8).allSatisfy { lower($0) == lower($1) }
  }

  private static func lower(_ byte: UInt8) -> UInt8 { byte >= 65 && byte <= 90 ? byte | 0x20 : byte }
}
