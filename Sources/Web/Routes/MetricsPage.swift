internal import Command
internal import Hub
internal import Hummingbird
internal import Journal
internal import Measure
internal import Model

/// Prometheus text (exposition format 0.0.4).
enum MetricsPage {
  static func render(_ environment: WebEnvironment) async throws -> Response {
    var page = MetricsText()
    page.family("firstframe_info", "gauge", "This node") {
      $0.sample([("node", environment.node), ("role", environment.role), ("version", environment.version)], 1)
    }
    page.family("firstframe_boottime_seconds", "gauge", "CLOCK_BOOTTIME of this node") {
      $0.sample([], Double(environment.hub.clock.bootTime().nanoseconds) / 1e9)
    }
    let streams = try await environment.hub.snapshots()
    page.family("firstframe_streams", "gauge", "Streams by state") { family in
      for state in [StreamSnapshot.Condition.live, .interrupted, .waiting] {
        family.sample([("state", state.rawValue)], Double(streams.count { $0.condition == state }))
      }
    }
    page.family("firstframe_readers", "gauge", "Readers of each stream") { family in
      for stream in streams { family.sample([("stream", stream.name.path)], Double(stream.readers.count)) }
    }
    inbound(&page, streams)
    let open = await environment.desk.openClocks()
    page.family("firstframe_incidents_open", "gauge", "Incidents whose clock runs") { $0.sample([], Double(open.count)) }
    page.family("firstframe_journal_sequence", "counter", "Newest fact") { $0.sample([], Double(environment.journal.last.sequence)) }
    for (name, value) in await environment.archiveCounters().sorted(by: { $0.key < $1.key }) {
      page.family("firstframe_archive_\(name)", "counter", "Archive: \(name)") { $0.sample([], Double(value)) }
    }
    return .text(page.text, type: "text/plain; version=0.0.4; charset=utf-8")
  }

  private static func inbound(_ page: inout MetricsText, _ streams: [StreamSnapshot]) {
    let figures: [(String, String, String, (InboundQuality) -> Double?)] = [
      ("packets_expected_total", "counter", "RTP packets expected", { Double($0.packetsExpected) }),
      ("packets_lost_total", "counter", "RTP packets lost (RFC 3550)", { Double($0.packetsLost) }),
      ("packets_duplicated_total", "counter", "RTP packets received twice", { Double($0.packetsDuplicated) }),
      ("packets_reordered_total", "counter", "RTP packets out of order (RFC 4737)", { $0.packetsReordered.map(Double.init) }),
      ("bytes_received_total", "counter", "Bytes received", { Double($0.bytesReceived) }),
      ("frames_received_total", "counter", "Frames received", { Double($0.framesReceived) }),
      ("frames_clean_total", "counter", "Frames whose reference chain is clean", { Double($0.framesClean) }),
      ("freezes_total", "counter", "Freezes on the virtual play-out clock", { Double($0.freezeCount) }),
      ("freeze_seconds_total", "counter", "Seconds frozen", { $0.freezeSeconds }),
      ("jitter_seconds", "gauge", "RFC 3550 interarrival jitter", { $0.jitterMilliseconds.map { $0 / 1000 } }),
      ("round_trip_seconds", "gauge", "Round trip", { $0.roundTripMilliseconds.map { $0 / 1000 } }),
    ]
    for (name, kind, help, value) in figures {
      page.family("firstframe_inbound_\(name)", kind, help) { family in
        for stream in streams {
          guard let inbound = stream.inbound, let figure = value(inbound) else { continue }
          family.sample([("stream", stream.name.path), ("hop", inbound.hop.rawValue), ("method", inbound.method.rawValue)], figure)
        }
      }
    }
  }
}

/// Writes the exposition format: one HELP and TYPE a family, escaped labels.
struct MetricsText {
  private(set) var text = ""
  private var name = ""

  mutating func family(_ name: String, _ kind: String, _ help: String, _ body: (inout MetricsText) -> Void) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    self.name = name
    body(&self)
  }

  mutating func sample(_ labels: [(String, String)], _ value: Double) {
    text += name
    if !labels.isEmpty { text += "{" + labels.map { "\($0.0)=\"\(MetricsText.escaped($0.1))\"" }.joined(separator: ",") + "}" }
    text += value == value.rounded() && abs(value) < 1e15 ? " \(Int64(value))\n" : " \(value)\n"
  }

  private static func escaped(_ text: String) -> String {
    var out = ""
    for character in text {
      switch character {
      case "\\": out += "\\\\"
      case "\"": out += "\\\""
      case "\n": out += "\\n"
      default: out.append(character)
      }
    }
    return out
  }
}
