/// Where a stream was first received: the node that admitted it and its path there. One object per publication, shared by all its units.
public final class UnitOrigin: Hashable, Sendable, CustomStringConvertible {
  /// Its name, as configured.
  public let node: String
  /// The stream's name there.
  public let path: StreamName

  public init(node: String, path: StreamName) {
    self.node = node
    self.path = path
  }

  public static func == (a: UnitOrigin, b: UnitOrigin) -> Bool { a === b || (a.node == b.node && a.path == b.path) }
  public func hash(into hasher: inout Hasher) {
    hasher.combine(node)
    hasher.combine(path)
  }
  public var description: String { "\(node)/\(path)" }
}
