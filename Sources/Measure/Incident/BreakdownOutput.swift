/// A breakdown as API, report and `incident show` print it: seconds with six digits, null where not known.
public struct BreakdownOutput: Hashable, Sendable, Codable {
  /// Whose time it is.
  public var device: String
  /// t1 → t2.
  public var desk: Double?
  /// t2 → connected.
  public var crew: Double?
  /// Connected → t5.
  public var network: Double?
  /// t5 → t5k.
  public var keyFrame: Double?
  /// t5k → t6.
  public var decode: Double?
  /// t6 → E8.
  public var uplink: Double?
  /// The crew's own parts.
  public var answer: Double?
  /// t3 → t4.
  public var travel: Double?
  /// t4 → connected.
  public var setup: Double?
  /// The uplink's: t6 → E6, E6 → E7, E7 → E8.
  public var sent: Double?
  /// E6 → E7.
  public var up: IncidentOutput.Bounds?
  /// E7 → E8.
  public var back: IncidentOutput.Bounds?
  /// The part that cost most.
  public var largest: IncidentBreakdown.Part?
  /// The first step that was not taken.
  public var waitingFor: StepID?

  public init(_ made: IncidentBreakdown) {
    func seconds(_ part: IncidentBreakdown.Part) -> Double? { made.parts[part].map(Rounding.seconds) }
    device = made.device
    desk = seconds(.desk)
    crew = seconds(.crew)
    network = seconds(.network)
    keyFrame = seconds(.keyFrame)
    decode = seconds(.decode)
    uplink = seconds(.uplink)
    answer = made.answer.map(Rounding.seconds)
    travel = made.travel.map(Rounding.seconds)
    setup = made.setup.map(Rounding.seconds)
    sent = made.sent.map(Rounding.seconds)
    up = made.up.map { IncidentOutput.Bounds($0) }
    back = made.back.map { IncidentOutput.Bounds($0) }
    largest = made.largest
    waitingFor = made.waitingFor
  }

  /// By the part's name.
  public subscript(part: IncidentBreakdown.Part) -> Double? {
    switch part {
    case .desk: desk
    case .crew: crew
    case .network: network
    case .keyFrame: keyFrame
    case .decode: decode
    case .uplink: uplink
    }
  }

  private enum CodingKeys: String, CodingKey {
    case device, desk, crew, network, keyFrame, decode, uplink, answer, travel, setup, sent, up, back, largest, waitingFor
  }

  /// Every member is there, null where nothing is known.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(device, forKey: .device)
    for (value, key) in [
      (desk, CodingKeys.desk), (crew, .crew), (network, .network), (keyFrame, .keyFrame), (decode, .decode), (uplink, .uplink),
      (answer, .answer), (travel, .travel), (setup, .setup), (sent, .sent),
    ] { try container.encode(value, forKey: key) }
    try container.encode(up, forKey: .up)
    try container.encode(back, forKey: .back)
    try container.encode(largest, forKey: .largest)
    try container.encode(waitingFor, forKey: .waitingFor)
  }
}
