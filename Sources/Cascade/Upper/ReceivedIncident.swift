public import Model

/// A county's incident as its E1 announced it to this upper node, for API and page.
public struct ReceivedIncident: Sendable {
  /// The lower node's name.
  public var county: String
  /// E1; its beacon only when it is of this node and boot.
  public var opened: OpenedIncident
  /// p(E1′), on the clock of the boot in which E1 arrived.
  public var at: NodeInstant
  /// p(E1′) on the present boot's clock; nil when E1 arrived in an earlier boot.
  public var arrival: BootTime?
  /// Streams whose first picture was decoded here, with p(E7).
  public var decoded: [StreamName: BootTime] = [:]
}
