/// The kinds of fact whose fields `docs/facts.md` fixes. A kind never changes its meaning; fields may be added, none renamed.
public enum FactKind {
  // A node's life
  public static let nodeStarted = "node.started"
  public static let nodeStopped = "node.stopped"
  public static let recovered = "recovered"
  public static let journalDamaged = "journal.damaged"
  public static let journalLost = "journal.lost"
  public static let journalRejected = "journal.rejected"
  public static let clockState = "clock.state"
  public static let clockStep = "clock.step"
  public static let clockBridge = "clock.bridge"
  public static let accessRefused = "access.refused"

  // Incidents: t1…t4, t9, t10
  public static let incidentOpened = "incident.opened"
  public static let incidentCalledOut = "incident.calledOut"
  public static let incidentAcknowledged = "incident.acknowledged"
  public static let incidentOnScene = "incident.onScene"
  public static let incidentVoice = "incident.voice"
  public static let incidentAnnounced = "incident.announced"
  public static let incidentWarning = "incident.warning"
  public static let incidentMissed = "incident.missed"
  public static let incidentClosed = "incident.closed"

  // Streams: t5, t5k
  public static let streamStarted = "stream.started"
  public static let streamResumed = "stream.resumed"
  public static let streamInterrupted = "stream.interrupted"
  public static let streamEnded = "stream.ended"
  public static let readerEnded = "reader.ended"
  public static let streamRefused = "stream.refused"
  public static let streamGap = "stream.gap"
  public static let streamFirstPacket = "stream.firstPacket"
  public static let streamFirstKeyframe = "stream.firstKeyframe"
  public static let pullFailed = "pull.failed"

  // Connection attempts and what leaves a denominator
  public static let deviceRegistered = "device.registered"
  public static let connectionRequested = "connection.requested"
  public static let connectionMissed = "connection.missed"
  public static let exclusionApproved = "exclusion.approved"

  // The archive
  public static let segmentCommitted = "segment.committed"
  public static let archiveGap = "archive.gap"
  public static let archiveFault = "archive.fault"
  public static let archiveResumed = "archive.resumed"
  public static let archiveRecovered = "archive.recovered"
  public static let archiveQuarantined = "archive.quarantined"
  public static let recorderStalled = "recorder.stalled"

  // Pictures: E5/t6
  public static let pictureDecoded = "picture.decoded"
  public static let pictureSecond = "picture.second"
  public static let pictureRefused = "picture.refused"
  public static let pictureShown = "picture.shown"

  // Between tiers: E6, E1′, E7/t8, E8
  public static let linkUp = "link.up"
  public static let linkDown = "link.down"
  public static let linkPaired = "link.paired"
  public static let keyframeSent = "keyframe.sent"
  public static let provinceHeard = "province.heard"
  public static let provinceDecoded = "province.decoded"
  public static let receiptSent = "receipt.sent"
  public static let receiptReceived = "receipt.received"
  public static let receiptRefused = "receipt.refused"
  public static let receiptConfirmed = "receipt.confirmed"
  public static let offsetInterval = "offset.interval"

  // Figures
  public static let samplesBlock = "samples.block"
  public static let qualityWindow = "quality.window"
  public static let profileEmbedded = "profile.embedded"
  public static let verdict = "verdict"
}
