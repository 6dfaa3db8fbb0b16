/// A value that is written as text: a name, a unit's id, a word of a closed list.
public protocol TextValue: Hashable, Sendable {
  /// Nil when the text is none of this type.
  static func read(_ text: String) -> Self?
  /// What ``read(_:)`` reads.
  var text: String { get }
}

extension TextValue where Self: RawRepresentable, RawValue == String {
  public static func read(_ text: String) -> Self? { Self(rawValue: text) }
  public var text: String { rawValue }
}

/// A text member of a fact, and the value that it stands for.
///
/// The text is kept as it stands in the line: a newer node may have written a word that this one does not know, and a reader of a million facts does
/// not take names apart that nobody asks for.
public struct FactText<Value: TextValue>: Hashable, Sendable, ExpressibleByStringLiteral {
  public let text: String

  public init(_ value: Value) { text = value.text }
  public init(text: String) { self.text = text }
  public init(stringLiteral text: String) { self.text = text }

  /// Nil when this node does not know such a value. Takes the text apart at each call.
  public var value: Value? { Value.read(text) }
}

extension FactText: FactValue {
  init?(json: JSON) {
    guard case .string(let value) = json else { return nil }
    text = value
  }
  var json: JSON { .string(text) }
}

extension StreamName: TextValue {
  public static func read(_ text: String) -> StreamName? { StreamName(text) }
  public var text: String { path }
}

extension AccessUnitID: TextValue {
  public static func read(_ text: String) -> AccessUnitID? { AccessUnitID(text) }
  public var text: String { description }
}

extension WallTime: TextValue {
  public static func read(_ text: String) -> WallTime? { WallTime(text) }
  public var text: String { description }
}

extension ClockRepair.Method: TextValue {}
extension Codec: TextValue {}
extension DeviceClass: TextValue {}
extension FaultCode: TextValue {}
extension Hop: TextValue {}
extension MeasuringMethod: TextValue {}
extension MediaProtocol: TextValue {}
extension Origin: TextValue {}
