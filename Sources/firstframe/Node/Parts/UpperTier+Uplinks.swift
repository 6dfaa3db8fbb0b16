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
          return newest.beacon.opened(uplink: uplink.settings.name, peer: uplink.settings.peerFingerprint, arrival: newest.arrival)
        }
      },
      announce: { opened, floors in
        for uplink in uplinks {
          let from = Dictionary(floors.map { ($0.stream, (epoch: $0.epoch, number: $0.number)) }) { first, _ in first }
          if let announced = OpenedIncident(opened, uplink: uplink.settings.name, floors: from) {
            uplink.announce(announced, at: NodeInstant(opened))
          }
        }
      },
      withdraw: { incident in for uplink in uplinks { uplink.withdraw(incident) } },
      offsets: {
        uplinks.compactMap { uplink in
          uplink.offset(at: clock.bootTime()).map { Offset(uplink: uplink.settings.name, offset: $0) }
        }
      })
  }
}
