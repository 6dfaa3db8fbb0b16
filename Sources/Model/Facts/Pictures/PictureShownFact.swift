/// `picture.shown`: a browser in the hall said that it had presented a picture. An event of its own: never t6, never in a rate.
public struct PictureShownFact: FactBody {
  /// Written by the incident desk.
  public static let kinds = [FactKind.pictureShown]

  /// Which kind of picture.
  public enum What: String, Sendable, Codable, CaseIterable, TextValue {
    /// The first picture's JPEG.
    case snapshot
    /// A playing stream.
    case video
  }

  /// Id of the incident.
  public var incident: String
  /// Name of the device, as registered.
  public var device: String
  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>
  /// Which kind of picture.
  public var what: FactText<What>
  /// The browser's own random name.
  public var viewer: String
  /// How long before it said so, by its own clock; nil where it did not say.
  public var age: Nanoseconds?

  public init(incident: String, device: String, stream: StreamName, what: What, viewer: String, age: Nanoseconds?) {
    self.incident = incident
    self.device = device
    self.stream = FactText(stream)
    self.what = FactText(what)
    self.viewer = viewer
    self.age = age
  }

  /// Nil for another kind, or without `incident`, `device`, `stream`, `what` and `viewer`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let incident: String = read["incident"], let device: String = read["device"],
      let stream: FactText<StreamName> = read["stream"], let what: FactText<What> = read["what"], let viewer: String = read["viewer"]
    else { return nil }
    self.incident = incident
    self.device = device
    self.stream = stream
    self.what = what
    self.viewer = viewer
    age = read["ageNs"]
  }

  /// Null for nil: `ageNs`.
  public var fields: [String: JSON] {
    [
      "incident": incident.json, "device": device.json, "stream": stream.json, "what": what.json, "viewer": viewer.json, "ageNs": age.json,
    ]
  }
}
