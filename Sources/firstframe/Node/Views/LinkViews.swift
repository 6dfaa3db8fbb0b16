internal import Cascade
internal import Model
internal import Web

/// Uplinks and lower nodes as the API shows them.
struct LinkViews: LinksSource {
  let uplinks: [Uplink]
  let upper: UpperDesk
  let clock: any NodeClock

  func links() -> JSON {
    let now = clock.bootTime()
    return [
      "uplinks": .array(uplinks.map { LinkViews.uplink($0.status(at: now)) }),
      "lower": .array(
        upper.status().map { ["node": .string($0.node), "remote": .string($0.remoteAddress), "sinceNs": .int($0.since.nanoseconds)] }),
    ]
  }

  private static func uplink(_ status: Uplink.Status) -> JSON {
    [
      "name": .string(status.name), "up": .bool(status.up), "sinceNs": status.since.map { .int($0.nanoseconds) } ?? .null,
      "peer": status.peerNode.map(JSON.string) ?? .null, "fault": status.lastFault?.json ?? .null,
      "roundTripNs": status.roundTrip.map { .int($0.value) } ?? .null,
      "offset": status.offset.map { ["lowNs": .int($0.low), "highNs": .int($0.high), "samples": .int(Int64($0.samples))] } ?? .null,
      "beacon": .bool(status.hasBeacon), "streams": .array(status.streams.map { .string($0.path) }),
    ]
  }

  func announcedIncidents() -> JSON {
    .array(
      upper.incidents().map { received in
        [
          "county": .string(received.county), "incident": .string(received.opened.incident), "title": .string(received.opened.title),
          "heardNs": received.arrival.map { .int($0.nanoseconds) } ?? .null,
          "devices": .array(
            received.opened.devices.map { device in
              [
                "device": .string(device.device), "stream": .string(device.stream.path), "class": .string(device.deviceClass.rawValue),
                "decodedNs": received.decoded[device.stream].map { .int($0.nanoseconds) } ?? .null,
              ]
            }),
        ]
      })
  }
}
