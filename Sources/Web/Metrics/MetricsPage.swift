internal import Command
internal import Hub
internal import Measure
internal import Model

/// The node's figures as Prometheus reads them.
struct MetricsPage {
  let node: WebNode
  let streams: [StreamSnapshot]
  /// Incidents whose clock runs.
  let incidents: Int
  /// The newest fact's number.
  let sequence: Int64
  /// Totals of the archive: name to value.
  let archive: [String: Int64]
  let events: EventFeed.Figures
  /// As `/api/v1/links` shows them.
  let links: JSON
  let health: NodeHealth

  var text: String {
    var page = MetricsText()
    page.family("firstframe_info", "gauge", "This node") {
      $0.sample([("node", node.name), ("role", node.role), ("version", node.version)], 1)
    }
    page.value("firstframe_boottime_seconds", "gauge", "CLOCK_BOOTTIME of this node", Double(node.clock.bootTime().nanoseconds) / 1e9)
    showStreams(&page)
    page.value("firstframe_incidents_open", "gauge", "Incidents whose clock runs", Double(incidents))
    page.value("firstframe_journal_sequence", "counter", "Newest fact", Double(sequence))
    for (name, value) in archive.sorted(by: { $0.key < $1.key }) {
      page.value("firstframe_archive_\(name)", "counter", "Archive: \(name)", Double(value))
    }
    showHealth(&page)
    showLinks(&page)
    showEvents(&page)
    return page.text
  }

  private func showHealth(_ page: inout MetricsText) {
    if let disk = health.disk {
      page.value("firstframe_disk_free_bytes", "gauge", "Room on the data folder's disk", Double(disk.free))
      page.value("firstframe_disk_size_bytes", "gauge", "Size of the data folder's disk", Double(disk.size))
    }
    page.family("firstframe_failing", "gauge", "1 while that part of the node cannot do its work") { family in
      for part in NodeHealth.Part.allCases {
        family.sample([("part", part.rawValue)], health.problems.contains { $0.part == part } ? 1 : 0)
      }
    }
  }

  private func showLinks(_ page: inout MetricsText) {
    let uplinks = links["uplinks"]?.arrayValue ?? []
    page.family("firstframe_uplink_up", "gauge", "1 while the control link to the upper centre stands") { family in
      for uplink in uplinks { family.sample([("uplink", uplink["name"]?.stringValue ?? "")], uplink["up"]?.boolValue == true ? 1 : 0) }
    }
    page.family("firstframe_uplink_streams", "gauge", "Streams that are on their way up") { family in
      for uplink in uplinks { family.sample([("uplink", uplink["name"]?.stringValue ?? "")], Double(uplink["streams"]?.arrayValue?.count ?? 0)) }
    }
    page.family("firstframe_uplink_round_trip_seconds", "gauge", "Newest round trip of the control link") { family in
      for uplink in uplinks {
        guard let trip = uplink["roundTripNs"]?.intValue else { continue }
        family.sample([("uplink", uplink["name"]?.stringValue ?? "")], Double(trip) / 1e9)
      }
    }
    page.value("firstframe_lower_nodes", "gauge", "Lower centres that are linked", Double(links["lower"]?.arrayValue?.count ?? 0))
  }

  private func showStreams(_ page: inout MetricsText) {
    page.family("firstframe_streams", "gauge", "Streams by state") { family in
      for state in StreamSnapshot.Condition.allCases {
        family.sample([("state", state.rawValue)], Double(streams.count { $0.condition == state }))
      }
    }
    page.family("firstframe_readers", "gauge", "Readers of each stream") { family in
      for stream in streams { family.sample([("stream", stream.name.path)], Double(stream.readers.count)) }
    }
    for figure in MetricsPage.inbound {
      page.family("firstframe_inbound_\(figure.name)", figure.kind, figure.help) { family in
        for stream in streams {
          guard let inbound = stream.inbound, let value = figure.value(inbound) else { continue }
          family.sample([("stream", stream.name.path), ("hop", inbound.hop.rawValue), ("method", inbound.method.rawValue)], value)
        }
      }
    }
  }

  private func showEvents(_ page: inout MetricsText) {
    page.value("firstframe_event_clients", "gauge", "Clients of the event stream", Double(events.clients))
    page.value("firstframe_event_queued_bytes", "gauge", "Bytes that wait for clients of the event stream", Double(events.queuedBytes))
    page.value(
      "firstframe_event_clients_closed_total", "counter", "Clients of the event stream that were closed because they did not read",
      Double(events.closed))
    page.value(
      "firstframe_event_clients_refused_total", "counter", "Clients of the event stream that were refused because there were too many",
      Double(events.refused))
  }

  /// A figure of what a publisher sent; nil where the method cannot tell.
  private struct Inbound: Sendable {
    var name: String
    var kind: String
    var help: String
    var value: @Sendable (InboundQuality) -> Double?

    init(_ name: String, _ kind: String, _ help: String, _ value: @escaping @Sendable (InboundQuality) -> Double?) {
      (self.name, self.kind, self.help, self.value) = (name, kind, help, value)
    }
  }

  private static let inbound = [
    Inbound("packets_expected_total", "counter", "RTP packets expected") { Double($0.packetsExpected) },
    Inbound("packets_lost_total", "counter", "RTP packets lost (RFC 3550)") { Double($0.packetsLost) },
    Inbound("packets_duplicated_total", "counter", "RTP packets received twice") { Double($0.packetsDuplicated) },
    Inbound("packets_reordered_total", "counter", "RTP packets out of order (RFC 4737)") { $0.packetsReordered.map(Double.init) },
    Inbound("bytes_received_total", "counter", "Bytes received") { Double($0.bytesReceived) },
    Inbound("frames_received_total", "counter", "Frames received") { Double($0.framesReceived) },
    Inbound("frames_clean_total", "counter", "Frames whose reference chain is clean") { Double($0.framesClean) },
    Inbound("freezes_total", "counter", "Freezes on the virtual play-out clock") { Double($0.freezeCount) },
    Inbound("freeze_seconds_total", "counter", "Seconds frozen") { $0.freezeSeconds },
    Inbound("jitter_seconds", "gauge", "RFC 3550 interarrival jitter") { $0.jitterMilliseconds.map { $0 / 1000 } },
    Inbound("round_trip_seconds", "gauge", "Round trip") { $0.roundTripMilliseconds.map { $0 / 1000 } },
  ]
}
