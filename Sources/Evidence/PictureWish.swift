public import Model

/// For what a picture is wanted, and how facts and files name it.
public struct PictureWish: Sendable, Hashable {
  /// The incident, or the attempt outside incidents.
  public var incident: String?
  /// Id of a request outside incidents.
  public var attempt: String?
  /// The lower node whose picture it is, at an upper node.
  public var county: String?
  /// Name of the device, as registered.
  public var device: String
  /// As facts name it: at an upper node the lower node's own name.
  public var stream: StreamName
  /// Name of the JPEG below `DATA/snapshots`, without ending.
  public var snapshot: String

  /// A county's, for an incident.
  /// - Parameter index: the device's place in the incident.
  public init(incident: String, device: String, stream: StreamName, node: String, index: Int) {
    self.incident = incident
    self.device = device
    self.stream = stream
    snapshot = "\(node)-\(incident)-\(index)"
  }

  /// A county's, for a request outside incidents.
  public init(attempt: String, device: String, stream: StreamName, node: String) {
    self.attempt = attempt
    self.device = device
    self.stream = stream
    snapshot = "\(node)-\(attempt)-0"
  }

  /// An upper node's, for a county's incident.
  public init(incident: String, county: String, device: String, stream: StreamName, index: Int) {
    self.incident = incident
    self.county = county
    self.device = device
    self.stream = stream
    snapshot = "\(county)-\(incident)-\(index)"
  }

  func subject(of unit: AccessUnit) -> PictureSubject {
    PictureSubject(
      incident: incident, attempt: attempt, county: county, device: device, stream: FactText(stream), unit: unit.id,
      unitArrival: unit.firstArrival)
  }
}
