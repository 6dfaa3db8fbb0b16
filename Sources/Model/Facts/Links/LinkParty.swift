/// The node at the other end of a control link, as facts name it: a lower node writes its uplink's name, an upper node the county's.
public enum LinkParty: Hashable, Sendable {
  case uplink(String)
  case county(String)

  /// The member's name.
  var key: String {
    switch self {
    case .uplink: "uplink"
    case .county: "county"
    }
  }

  /// Of the uplink, or of the county.
  public var name: String {
    switch self {
    case .uplink(let name), .county(let name): name
    }
  }

  init?(_ read: FactReader) {
    if let name: String = read["uplink"] {
      self = .uplink(name)
    } else if let name: String = read["county"] {
      self = .county(name)
    } else {
      return nil
    }
  }
}
