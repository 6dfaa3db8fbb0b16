public import Measure
public import Model

/// The gateway's side of a publication. The hub calls it on the stream's loop.
public protocol PublicationSource: AnyObject, Sendable {
  /// The hub no longer wants the media: taken over, ended by an operator, shutting down.
  func close(_ reason: Fault)
  /// Asks the sender for a key frame where the protocol can (RTCP PLI).
  func requestKeyframe(track: UInt8)
  /// Once a second: fold counters, send reports.
  func tick(at now: BootTime)
  /// Cumulative figures of this session (measurement.md §2); nil when the protocol has none yet.
  func inboundQuality(at now: BootTime) -> InboundQuality?
  /// What probes saw of picture and sound: for the session's samples.
  func probed(_ events: [SampleEvent])
  /// What was put right in this publication's media so far.
  func mediaRepairs() -> MediaRepairs
}

extension PublicationSource {
  /// Nothing: the session keeps no samples.
  public func probed(_ events: [SampleEvent]) {}
  /// None: the protocol needs none.
  public func mediaRepairs() -> MediaRepairs { MediaRepairs() }
}
