public import Measure

/// A page of the incidents of a centre, the newest first.
public struct IncidentPage: Encodable, Sendable {
  /// Incidents of a page that asks for nothing else.
  public static let usual = 50
  /// Incidents of a page at most.
  public static let largest = 200

  /// In the order of their opening, backwards.
  public var incidents: [IncidentOutput]
  /// The id to name for the page of older ones; nil when there are none.
  public var next: String?

  /// - Parameter next: nil for the last page.
  public init(incidents: [IncidentOutput], next: String?) {
    self.incidents = incidents
    self.next = next
  }
}
