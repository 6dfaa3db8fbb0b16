public import Model

/// Where the time of one device went, from t1 to the receipt, so that someone can act on it (docs/facts.md, "The breakdown").
///
/// The six parts follow one another and overlap nowhere; a part is nil when one of its ends is unknown or of another boot.
public struct IncidentBreakdown: Hashable, Sendable {
  /// A stretch of the way from t1 to the receipt.
  public enum Part: String, Sendable, Codable, CaseIterable {
    /// t1 → t2: the duty desk.
    case desk
    /// t2 → the device connects (or its first packet, where that is not known).
    case crew
    /// Connected → t5: the first media packet.
    case network
    /// t5 → t5k: waiting for a picture that decoding can start from.
    case keyFrame
    /// t5k → t6.
    case decode
    /// t6 → E8: to the province and its receipt back.
    case uplink
  }

  /// Whose time it is.
  public var device: String
  /// Those that are known.
  public var parts: [Part: Nanoseconds] = [:]
  /// The crew's own: t2 → t3, t3 → t4, t4 → connected.
  public var answer: Nanoseconds?
  /// t3 → t4.
  public var travel: Nanoseconds?
  /// t4 → connected.
  public var setup: Nanoseconds?
  /// E6 − t6 of the unit that the receipt proves; negative when it left before it was decoded here.
  public var sent: Nanoseconds?
  /// E6 → E7 and E7 → E8, where the clocks' offset was known.
  public var up: Bracket?
  /// E7 → E8.
  public var back: Bracket?
  /// The first step that was not taken.
  public var waitingFor: StepID?

  public init(device: String) { self.device = device }

  /// The part that cost most; the first among equals.
  public var largest: Part? {
    var found: Part?
    for part in Part.allCases {
      guard let time = parts[part] else { continue }
      if let best = found.flatMap({ parts[$0] }), best >= time { continue }
      found = part
    }
    return found
  }

  /// Nanoseconds, null where not known.
  public var json: JSON {
    var fields: [String: JSON] = [
      "device": .string(device), "answerNs": .whole(answer?.value), "travelNs": .whole(travel?.value), "setupNs": .whole(setup?.value),
      "sentNs": .whole(sent?.value), "up": up?.json ?? .null, "back": back?.json ?? .null, "largest": .words(largest?.rawValue),
      "waitingFor": .words(waitingFor?.rawValue),
    ]
    for part in Part.allCases { fields["\(part.rawValue)Ns"] = .whole(parts[part]?.value) }
    return .object(fields)
  }
}
