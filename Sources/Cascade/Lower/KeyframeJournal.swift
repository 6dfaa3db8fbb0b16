internal import Model
internal import NIOConcurrencyHelpers

/// E6: notes every key unit that leaves over one uplink, and writes the `keyframe.sent` facts of those that may prove a picture.
final class KeyframeJournal: Sendable {
  let sent: SentKeyframes
  private let uplink: String
  private let facts: any FactSink
  private let incidents: SharedIncidents

  /// - Parameter boot: the node's present boot id.
  init(uplink: String, boot: String, facts: any FactSink, incidents: SharedIncidents) {
    self.uplink = uplink
    self.facts = facts
    self.incidents = incidents
    sent = SentKeyframes(boot: boot)
  }

  /// Called on the media's way out, the instant before a key unit is written: nothing here waits.
  func leaves(_ unit: AccessUnitID, _ stream: StreamName, _ firstArrival: BootTime, _ now: BootTime) {
    guard sent.note(unit, stream: stream, firstArrival: firstArrival, sent: now) else { return }
    let mayProve = incidents.withLockedValue { state in
      state.announcements.naming(stream).contains { !state.receipts.isProven(stream.path, in: $0) }
    }
    if mayProve { record(unit.description) }
  }

  /// Writes the fact of a unit, once.
  func record(_ unit: String) {
    guard let entry = sent.claimJournaling(of: unit) else { return }
    facts.record(
      KeyframeSentFact(uplink: uplink, stream: FactText(entry.stream), unit: FactText(text: unit), unitArrival: entry.firstArrival),
      at: entry.sent)
  }

  /// The same of all units of these streams that arrived since and left before anybody knew that they might matter.
  func recordUnits(of streams: Set<StreamName>, arrivedFrom start: BootTime) {
    for unit in sent.unjournaled(of: streams, arrivedFrom: start) { record(unit) }
  }
}
