/// Why the lab cannot do what it was asked.
public struct LabTrouble: Error, Hashable, CustomStringConvertible {
  /// For whoever reads the test's output.
  public let description: String

  public init(_ description: String) { self.description = description }
}
