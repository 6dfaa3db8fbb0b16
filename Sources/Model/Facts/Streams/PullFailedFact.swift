/// `pull.failed`: a camera could not be pulled; once for each new cause until media flowed again.
public struct PullFailedFact: FactBody {
  /// Written by a puller.
  public static let kinds = [FactKind.pullFailed]
  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>
  /// Without user and password.
  public var url: String
  /// Nil where nobody registered one.
  public var deviceClass: FactText<DeviceClass>?
  /// Of the fault catalogue.
  public var code: FactText<FaultCode>
  /// Whose side the fault is on.
  public var origin: FactText<Origin>?
  /// What in particular; never a secret.
  public var detail: String?

  public init(stream: StreamName, url: String, deviceClass: DeviceClass, because fault: Fault) {
    self.stream = FactText(stream)
    self.url = url
    self.deviceClass = FactText(deviceClass)
    code = FactText(fault.code)
    origin = FactText(fault.origin)
    detail = fault.detail
  }

  /// Nil for another kind, or without `stream`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let stream: FactText<StreamName> = read["stream"] else { return nil }
    self.stream = stream
    url = read["url"] ?? ""
    deviceClass = read["class"]
    code = read["code"] ?? ""
    origin = read["origin"]
    detail = read["detail"]
  }

  /// Null for nil: `class`, `origin`, `detail`.
  public var fields: [String: JSON] {
    [
      "stream": stream.json, "url": url.json, "class": deviceClass.json, "code": code.json, "origin": origin.json, "detail": detail.json,
    ]
  }
}
