/// The kinds of fact whose fields `docs/facts.md` fixes. A kind never changes its meaning; fields may be added, none renamed.
public enum FactKind {
  // A node's life
  /// The first fact of each run.
  public static let nodeStarted = "node.started"
  /// The last fact of a run that ended in order.
  public static let nodeStopped = "node.stopped"
  /// A torn tail was cut off at start (`docs/journal.md`).
  public static let recovered = "recovered"
  /// The chain did not verify at start.
  public static let journalDamaged = "journal.damaged"
  /// Facts that found neither disk nor memory.
  public static let journalLost = "journal.lost"
  /// A fact broke the journal's own rules and was not written.
  public static let journalRejected = "journal.rejected"
  /// What the kernel says of its wall clock, at start, on change and every 10 minutes.
  public static let clockState = "clock.state"
  /// A clock jumped.
  public static let clockStep = "clock.step"
  /// County, once a boot and uplink for an incident that was opened in an earlier boot.
  public static let clockBridge = "clock.bridge"
  /// Somebody asked for what the access rules or a stream's state do not grant.
  public static let accessRefused = "access.refused"

  // Incidents: t1…t4, t9, t10
  /// t1 = E1: an incident was logged.
  public static let incidentOpened = "incident.opened"
  /// t2: a device was called out.
  public static let incidentCalledOut = "incident.calledOut"
  /// t3: its crew answered.
  public static let incidentAcknowledged = "incident.acknowledged"
  /// t4: its crew is on scene.
  public static let incidentOnScene = "incident.onScene"
  /// t9: voice both ways.
  public static let incidentVoice = "incident.voice"
  /// E1 was sent over a link.
  public static let incidentAnnounced = "incident.announced"
  /// So much time is over since t1 without a proven picture.
  public static let incidentWarning = "incident.warning"
  /// The limit is over without a proven picture.
  public static let incidentMissed = "incident.missed"
  /// t10: an incident was closed.
  public static let incidentClosed = "incident.closed"

  // Streams: t5, t5k
  /// A publication was admitted.
  public static let streamStarted = "stream.started"
  /// A publication came back within the takeover window.
  public static let streamResumed = "stream.resumed"
  /// A publisher left, and its name waits for it.
  public static let streamInterrupted = "stream.interrupted"
  /// A publisher left.
  public static let streamEnded = "stream.ended"
  /// A viewer left.
  public static let readerEnded = "reader.ended"
  /// A publisher that had the right to was not admitted.
  public static let streamRefused = "stream.refused"
  /// A stretch without media between two publications.
  public static let streamGap = "stream.gap"
  /// A sender's media clock jumped, and its units' times went on.
  public static let streamClockRepaired = "stream.clockRepaired"
  /// t5: the first media packet of a publication arrived.
  public static let streamFirstPacket = "stream.firstPacket"
  /// t5k: the first key frame of a publication arrived.
  public static let streamFirstKeyframe = "stream.firstKeyframe"
  /// Pulling a camera failed.
  public static let pullFailed = "pull.failed"

  // Connection attempts and what leaves a denominator
  /// One a registered device, at each start.
  public static let deviceRegistered = "device.registered"
  /// A centre asks for a live picture, outside any incident.
  public static let connectionRequested = "connection.requested"
  /// The time for a picture is over without one.
  public static let connectionMissed = "connection.missed"
  /// Something is to leave a denominator (docs/recompute.md).
  public static let exclusionApproved = "exclusion.approved"

  // The archive
  /// A recorded segment is on the disk.
  public static let segmentCommitted = "segment.committed"
  /// A stretch that a recording lacks, or whose arrival was interrupted.
  public static let archiveGap = "archive.gap"
  /// The archive does not work as it should.
  public static let archiveFault = "archive.fault"
  /// The disk takes segments again.
  public static let archiveResumed = "archive.resumed"
  /// Units of a run that was killed are in the archive after all.
  public static let archiveRecovered = "archive.recovered"
  /// A file was moved aside.
  public static let archiveQuarantined = "archive.quarantined"
  /// A stream's muxer failed or stood still.
  public static let recorderStalled = "recorder.stalled"

  // Pictures: E5/t6
  /// t6 = E5 at the county, E7 = t8 at the province.
  public static let pictureDecoded = "picture.decoded"
  /// A second, different unit was decoded within 5 s of the first.
  public static let pictureSecond = "picture.second"
  /// A key unit that does not count.
  public static let pictureRefused = "picture.refused"
  /// The hall's browser said that it had presented the picture.
  public static let pictureShown = "picture.shown"

  // Between tiers: E6, E1′, E7/t8, E8
  /// A control link stands.
  public static let linkUp = "link.up"
  /// A control link that stood was lost.
  public static let linkDown = "link.down"
  /// Province.
  public static let linkPaired = "link.paired"
  /// E6: a county is about to write a key unit to its upper node.
  public static let keyframeSent = "keyframe.sent"
  /// E1′: a county's E1 arrived at the province.
  public static let provinceHeard = "province.heard"
  /// t6 = E5 at the county, E7 = t8 at the province.
  public static let provinceDecoded = "province.decoded"
  /// Province.
  public static let receiptSent = "receipt.sent"
  /// E8: a receipt arrived at the county and is on its disk.
  public static let receiptReceived = "receipt.received"
  /// A receipt proves nothing.
  public static let receiptRefused = "receipt.refused"
  /// Province.
  public static let receiptConfirmed = "receipt.confirmed"
  /// County, once a minute.
  public static let offsetInterval = "offset.interval"

  // Figures
  /// A block of a sample file is on the disk (`docs/samples.md`).
  public static let samplesBlock = "samples.block"
  /// The object of `docs/quality.md`, under its own names, every figure.
  public static let qualityWindow = "quality.window"
  /// Once a boot before the first verdict that names it.
  public static let profileEmbedded = "profile.embedded"
  /// What the facts so far make of an incident, when that is settled or changed.
  public static let verdict = "verdict"
}
