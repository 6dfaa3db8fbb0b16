internal import Cascade
internal import Command
internal import Hub
internal import Model

extension UpperTier {
  /// The incident desk's way up, over every uplink of this node.
  init(_ uplinks: [Uplink], clock: any NodeClock) {
    self.init(
      beacons: {
        uplinks.compactMap { uplink in
          guard let newest = uplink.newestBeacon(at: clock.bootTime()) else { return nil }
          return .object(
            newest.beacon.fields.merging([
              "uplink": .string(uplink.settings.name), "peer": .string(uplink.settings.peerFingerprint),
              "arrivalNs": .int(newest.arrival.nanoseconds),
            ]) { $1 })
        }
      },
      announce: { opened, floors in
        for uplink in uplinks {
          if let announced = OpenedIncident(opened, floors: floors, uplink: uplink.settings.name) {
            uplink.announce(announced, at: opened.bootTime)
          }
        }
      },
      withdraw: { incident in for uplink in uplinks { uplink.withdraw(incident) } })
  }
}

extension OpenedIncident {
  /// E1 as one uplink says it, of the journal's own line.
  init?(_ opened: Fact, floors: [UpperTier.Floor], uplink: String) {
    guard let id = opened["incident"]?.stringValue, let title = opened["title"]?.stringValue, let nonce = opened["nonce"]?.stringValue else {
      return nil
    }
    let beacon = opened["beacons"]?.arrayValue?.first { $0["uplink"]?.stringValue == uplink }?.objectValue.flatMap { Beacon($0) }
    var devices: [Device] = []
    for entry in opened["devices"]?.arrayValue ?? [] {
      guard let name = entry["device"]?.stringValue, let stream = entry["stream"]?.stringValue.flatMap({ StreamName($0) }),
        let deviceClass = entry["class"]?.stringValue.flatMap(DeviceClass.init(rawValue:))
      else { continue }
      let floor = floors.first { $0.stream == stream }
      devices.append(
        Device(device: name, stream: stream, deviceClass: deviceClass, epoch: floor?.epoch ?? 0, number: floor?.number ?? 0))
    }
    self.init(incident: id, title: title, nonce: nonce, openedSHA256: opened.hash, beacon: beacon, devices: devices)
  }
}
