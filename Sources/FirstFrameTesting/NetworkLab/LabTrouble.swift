/// Why the lab cannot do what it was asked.
public struct LabTrouble: Error, Hashable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
