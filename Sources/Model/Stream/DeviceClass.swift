/// What kind of kit a stream comes from (field-guide §1).
public enum DeviceClass: String, Sendable, Codable, CaseIterable {
  case soloKit, bodycam, domeKit, drone, highPoint, vehicle
}
