internal import Access
internal import Archive
internal import Cascade
internal import Gateway
internal import Hub
internal import Journal
internal import Model
internal import RTMPGateway
internal import RTSPGateway
internal import Web
internal import Wire
internal import Workers

/// What every queue, buffer and table of a node holds at most: the table of `docs/limits.md`.
enum NodeBounds {
  static let all: [Bound] =
    connections + AccessBounds.all + JournalBounds.all + CascadeBounds.all + WebBounds.all + WireBounds.all + media

  private static let connections: [Bound] = [
    Bound(
      "node.descriptors", ConnectionLimits.reservedDescriptors, .descriptors, a: "node",
      beyond: "kept from connections, which take half of the others at most"),
    Bound("node.connectionsOfAddress", ConnectionLimits().perSource, .connections, a: "source", beyond: "closed at once"),
    Bound("rtsp.connections", RTSPSettings().maximumConnections, .connections, a: "node", beyond: "closed at once"),
    Bound("rtmp.connections", RTMPSettings().maximumConnections, .connections, a: "node", beyond: "closed at once"),
  ]

  /// Settings of rooms whose limits stand there.
  private static let media: [Bound] = [
    Bound("rtsp.readerQueue", RTSPSettings().readerQueueBytes, .bytes, a: "connection", beyond: "dropped to the next key frame"),
    Bound("rtmp.readerQueue", RTMPSettings().readerQueueBytes, .bytes, a: "connection", beyond: "dropped to the next key frame"),
    Bound("rtsp.heldBeforeAdmission", RTSPSettings.heldBeforeAdmission, .bytes, a: "connection", beyond: "dropped"),
    Bound("publisher.heldBeforeAdmission", PublisherPlan.usualHeldBytes, .bytes, a: "connection", beyond: "dropped"),
    Bound("stream.gopCache", HubSettings().gopCacheBytes, .bytes, a: "stream", beyond: "nothing is kept for new readers"),
    Bound("content.held", ContentSettings().heldBytes, .bytes, a: "node", beyond: "not looked at"),
    Bound("archive.backlog", ArchiveSettings().backlogBytes, .bytes, a: "stream", beyond: "not in the spool: a kill in that time loses it"),
    Bound("archive.reserve", Int(ArchiveSettings().reserveBytes), .bytes, a: "node", beyond: "on the disk: recording pauses before"),
    Bound("workers.queue", DecodePoolSettings(socketPath: "").queueLimit, .entries, a: "node", beyond: "refused as `workerBusy`"),
    Bound("workers.background", DecodePoolSettings(socketPath: "").backgroundLimit, .entries, a: "node", beyond: "refused as `workerBusy`"),
  ]
}
