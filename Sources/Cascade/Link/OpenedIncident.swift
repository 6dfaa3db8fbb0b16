public import Model

/// E1 as it is announced: which incident, the hash of the line that logged it, the newest beacon it embeds, and which streams may answer it.
public struct OpenedIncident: Sendable, Hashable {
  /// A device that is called out, and which units of it count.
  public struct Device: Sendable, Hashable {
    /// Name of the device, as its centre registered it.
    public var device: String
    /// The county's own name of it.
    public var stream: StreamName
    /// As its centre registered it.
    public var deviceClass: DeviceClass
    /// Units of this stream count from this number on when they are of this epoch, and in any later epoch: what was received before t1 does not.
    public var epoch: UInt64
    /// In ``epoch``.
    public var number: UInt64

    public init(device: String, stream: StreamName, deviceClass: DeviceClass, epoch: UInt64, number: UInt64) {
      self.device = device
      self.stream = stream
      self.deviceClass = deviceClass
      self.epoch = epoch
      self.number = number
    }
  }

  /// Id of the incident; unique at its county.
  public var incident: String
  /// What the person typed.
  public var title: String
  /// 32 hexadecimal digits.
  public var nonce: String
  /// SHA-256 of the `incident.opened` line.
  public var openedSHA256: String
  /// Nil with no link at t1.
  public var beacon: Beacon?
  /// At most 256.
  public var devices: [Device]

  public init(incident: String, title: String, nonce: String, openedSHA256: String, beacon: Beacon?, devices: [Device]) {
    self.incident = incident
    self.title = title
    self.nonce = nonce
    self.openedSHA256 = openedSHA256
    self.beacon = beacon
    self.devices = devices
  }

  /// E1 as one uplink announces it, of the journal's own line; nil when that is none.
  /// - Parameter floors: where each stream's counting begins; a stream without one counts from its first unit.
  public init?(_ opened: Fact, uplink: String, floors: [StreamName: (epoch: UInt64, number: UInt64)]) {
    guard let body = IncidentOpenedFact(opened), !body.title.isEmpty, !body.nonce.isEmpty else { return nil }
    let devices = body.devices.compactMap { entry -> Device? in
      guard let stream = entry.stream.value, let deviceClass = entry.deviceClass?.value else { return nil }
      let floor = floors[stream]
      return Device(
        device: entry.device, stream: stream, deviceClass: deviceClass, epoch: floor?.epoch ?? 0, number: floor?.number ?? 0)
    }
    self.init(
      incident: body.incident, title: body.title, nonce: body.nonce, openedSHA256: opened.hash,
      beacon: body.beacons.first { $0.uplink == uplink }.flatMap { Beacon($0) }, devices: devices)
  }

  /// Incident ids name files: letters, digits and hyphens only.
  public static func isID(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 }
  }

  init?(_ fields: [String: JSON]) {
    guard let incident = fields["incident"]?.stringValue, OpenedIncident.isID(incident), let title = fields["title"]?.stringValue,
      let nonce = fields["nonce"]?.stringValue, nonce.utf8.count == 32, Hex.decode(nonce) != nil,
      let hash = fields["openedSha256"]?.stringValue, hash.utf8.count == 64, Hex.decode(hash) != nil,
      let list = fields["devices"]?.arrayValue, list.count <= 256
    else { return nil }
    var devices: [Device] = []
    for item in list {
      guard let device = item["device"]?.stringValue, let stream = item["stream"]?.stringValue.flatMap({ StreamName($0) }),
        let deviceClass = item["class"]?.stringValue.flatMap(DeviceClass.init(rawValue:)), let epoch = item["epoch"]?.intValue,
        let number = item["number"]?.intValue, epoch >= 0, number >= 0
      else { return nil }
      devices.append(
        Device(device: device, stream: stream, deviceClass: deviceClass, epoch: UInt64(epoch), number: UInt64(number)))
    }
    self.init(
      incident: incident, title: title, nonce: nonce, openedSHA256: hash, beacon: fields["beacon"]?.objectValue.flatMap { Beacon($0) },
      devices: devices)
  }

  var fields: [String: JSON] {
    [
      "incident": .string(incident), "title": .string(title), "nonce": .string(nonce), "openedSha256": .string(openedSHA256),
      "beacon": beacon.map { .object($0.fields) } ?? .null,
      "devices": .array(
        devices.map {
          [
            "device": .string($0.device), "stream": .string($0.stream.path), "class": .string($0.deviceClass.rawValue),
            "epoch": .int(Int64(clamping: $0.epoch)), "number": .int(Int64(clamping: $0.number)),
          ]
        }),
    ]
  }
}
