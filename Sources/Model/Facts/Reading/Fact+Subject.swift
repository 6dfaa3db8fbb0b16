/// What a fact is about, under the names that all kinds share: for readers that sort facts before they read any of them whole.
extension Fact {
  /// The stream's path; at an upper node's facts the lower node's name of it.
  public var stream: String? { fields["stream"]?.stringValue }
  /// A publication of a stream.
  public var session: String? { fields["session"]?.stringValue }
  /// Id of the incident.
  public var incident: String? { fields["incident"]?.stringValue }
  /// A request for a picture outside incidents.
  public var attempt: String? { fields["attempt"]?.stringValue }
  /// Name of the device, as registered.
  public var device: String? { fields["device"]?.stringValue }
  /// The way up that a lower node's fact belongs to.
  public var uplink: String? { fields["uplink"]?.stringValue }
  /// The lower node that an upper node's fact belongs to.
  public var county: String? { fields["county"]?.stringValue }

  /// The members that every line begins with (docs/journal.md); the others are the kind's own.
  public static let envelope: Set<String> = ["v", "node", "boot", "seq", "boottimeNs", "wall", "kind", "prev"]
}
