/// `pull.failed`: a camera could not be pulled; once for each new cause until media flowed again.
public struct PullFailedFact: FactBody {
  public static let kinds = [FactKind.pullFailed]
  public var stream: FactText<StreamName>
  /// Without user and password.
  public var url: String
  public var deviceClass: FactText<DeviceClass>?
  public var code: FactText<FaultCode>
  public var origin: FactText<Origin>?
  public var detail: String?

  public init(stream: StreamName, url: String, deviceClass: DeviceClass, because fault: Fault) {
    self.stream = FactText(stream)
    self.url = url
    self.deviceClass = FactText(deviceClass)
    code = FactText(fault.code)
    origin = FactText(fault.origin)
    detail = fault.detail
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let stream: FactText<StreamName> = read["stream"] else { return nil }
    self.stream = stream
    url = read["url"] ?? ""
    deviceClass = read["class"]
    code = read["code"] ?? ""
    origin = read["origin"]
    detail = read["detail"]
  }

  public var fields: [String: JSON] {
    [
      "stream": stream.json, "url": url.json, "class": deviceClass.json, "code": code.json, "origin": origin.json, "detail": detail.json,
    ]
  }
}
