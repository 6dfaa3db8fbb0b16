public import Model
public import Settings

extension RegisteredDevice {
  /// Reads an entry of the list `devices`. The stream is `live/NAME` when none is given.
  public init(_ entry: inout ConfigReader) throws(Fault) {
    let name = try entry.requiredText("name")
    guard let stream = try entry.optionalStreamName("stream") ?? StreamName("live/\(name)") else {
      throw entry.invalid("stream", "live/\(name) is no stream name")
    }
    let deviceClass = try entry.choice("class", default: DeviceClass.soloKit)
    self.init(name: name, stream: stream, deviceClass: deviceClass, town: try entry.optionalText("town"))
  }
}
