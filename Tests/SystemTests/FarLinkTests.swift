import FirstFrameTesting
import Foundation
import Model
import Testing

private let obstacle: String? =
  NetworkLab.obstacle ?? (Centres.canRun && Program.exists("nsenter") ? nil : "needs time namespaces, nsenter and ffmpeg")

/// Real nodes and real devices with the lab's link between them (docs/lab.md).
@Suite("Nodes and devices on long links", .serialized, .enabled(if: obstacle == nil, Comment(rawValue: obstacle ?? "")))
struct FarLinkTests {
  // MARK: A device that is far away

  @Test("a device with a round trip of 900 ms fails as DELAY, one with 300 ms passes")
  func roundTrips() async throws {
    let folder = try TemporaryFolder()
    let clip = try Clips.make("testsrc2=size=1280x720:rate=25", "sine=frequency=440:sample_rate=48000", folder.path + "/clip.mp4")
    let rules = try SessionVerdictTests.rules(in: folder.path)
    var (slow, quick) = (Judged(), Judged())
    for run in 1...3 {
      let path = "\(folder.path)/\(run)"
      async let far = Self.session(clip, rules: rules, data: path + "-far", oneWay: 450)
      async let near = Self.session(clip, rules: rules, data: path + "-near", oneWay: 150)
      (slow, quick) = try await (far, near)
      if !slow.isLimited, !quick.isLimited { break }
    }
    #expect(slow.verdicts == ["udp": "fail", "tcp": "fail"] && slow.reasons["tcp"] == ["DELAY"], "\(slow)")
    #expect(quick.verdicts["tcp"] == "pass", "\(quick)")
    // ffmpeg films while it still signs on, five round trips long, and sends at once what has piled up: by UDP that is JITTER of its own.
    #expect(slow.reasons["udp"]?.filter { $0 != "JITTER" } == ["DELAY"], "\(slow)")
    #expect(quick.reasons["udp"]?.filter { $0 != "JITTER" } == [], "\(quick)")
    for (trips, truth) in [(slow.roundTrips, 900.0), (quick.roundTrips, 300.0)] {
      // The band of measurement: 1 ms or 5 %; it may not be shorter than the link.
      #expect(trips.count == 2 && trips.allSatisfy { $0 > truth - 1 && $0 < truth * 1.05 }, "\(trips) for \(truth)")
    }
  }

  private struct Judged: Sendable {
    var verdicts: [String: String] = [:]
    var reasons: [String: [String]] = [:]
    /// The node had no time, and judged nothing.
    var isLimited = false
    /// Milliseconds, p95 of each window.
    var roundTrips: [Double] = []
  }

  /// One device by UDP and one by TCP, and what the node says of each.
  private static func session(_ clip: String, rules: String, data: String, oneWay: Int64) async throws -> Judged {
    let link = Impairment(delay: .milliseconds(oneWay))
    let lab = try await NetworkLab(seed: 1, forward: link, back: link)
    let node = try Node(
      data: data,
      settings: [
        "bind=\(NetworkLab.centreAddress)", "access.openAnywhere=true", "archive.enabled=false", "measure.probes=false",
        "measure.fieldProfile=field-mobile",
      ], prefix: lab.centre.prefix, environment: ["FIRSTFRAME_CONFIG": rules])
    try await node.awaitReady()
    let senders = try ["udp", "tcp"].map { transport in
      try Sender(
        clip,
        ["-c", "copy", "-f", "rtsp", "-rtsp_transport", transport, "rtsp://\(NetworkLab.centreAddress):\(node.rtsp)/live/\(transport)"],
        prefix: lab.field.prefix)
    }
    for sender in senders { await sender.ended() }
    node.stop()
    _ = await lab.stop()
    var judged = Judged()
    let windows = try SessionVerdictTests.windows(data)
    judged.isLimited = SessionVerdictTests.isLimited(windows)
    for (stream, window) in windows {
      let name = String(stream.dropFirst("live/".count))
      judged.verdicts[name] = window["verdict"] as? String
      judged.reasons[name] = window["reasons"] as? [String]
      if let trip = (window["roundTripNs"] as? [String: Any])?["p95"] as? Int { judged.roundTrips.append(Double(trip) / 1e6) }
    }
    return judged
  }

  // MARK: A province that is far away

  private static let ahead = Centres.hundredDays * 1_000_000_000

  @Test(
    "over 60 ms there and 10 ms back both brackets, the clocks' distance and each key unit's one-way delay contain the truth",
    arguments: [(60, 10), (10, 60)] as [(Int64, Int64)])
  func asymmetric(_ up: Int64, _ down: Int64) async throws {
    let lab = try await NetworkLab(seed: 2, forward: Impairment(delay: .milliseconds(up)), back: Impairment(delay: .milliseconds(down)))
    let folder = try TemporaryFolder()
    let province = try Node(
      data: folder.path + "/province",
      settings: ["node.name=zhejiang", "node.role=province", "bind=\(NetworkLab.centreAddress)", "access.openAnywhere=true"],
      prefix: lab.centre.prefix + ["unshare", "--time", "--boottime", "\(Centres.hundredDays)", "--fork", "--kill-child=SIGKILL"])
    try await province.awaitReady()
    let county = try await county(folder.path, province, lab)
    let id = try #require(try county.ask("/api/v1/incidents", ["title": "演练", "devices": ["solo01"]])["id"] as? String)
    let clip = try Clip.make(in: folder.path, seconds: 20)
    let device = try Sender(
      clip, ["-c", "copy", "-f", "rtsp", "-rtsp_transport", "tcp", "rtsp://127.0.0.1:\(county.node.rtsp)/live/solo01"], loops: true,
      prefix: lab.field.prefix)
    var shown: [String: Any] = [:]
    // Several key units behind the first, so that more than one delay is known.
    try await county.node.await {
      shown = try county.ask("/api/v1/incidents/\(id)")
      return try shown["verdict"] as? String == "pass" && (Self.transits(folder.path + "/province").count) >= 5
    }
    device.signal(SIGKILL)
    await device.ended()
    county.node.kill()
    province.kill()
    _ = await lab.stop()

    let steps = shown["steps"] as? [[String: Any]] ?? []
    let received = try #require(steps.first { $0["id"] as? String == "t1" }?["bootNs"] as? Int64)
    let decoded = try Self.facts(folder.path + "/province", "province.decoded").compactMap { $0["decodedNs"] as? Int64 }.first
    let truth = Double(try #require(decoded) - Self.ahead - received) / 1e9
    for name in ["countyBracket", "provinceBracket"] {
      let bracket = try #require((shown["province"] as? [String: Any])?[name] as? [String: Any], "\(name)")
      let (lower, upper) = (try #require(bracket["lowerSeconds"] as? Double), try #require(bracket["upperSeconds"] as? Double))
      #expect(lower <= truth + 1e-6 && truth - 1e-6 <= upper, "\(name) \(bracket) \(truth)")
    }
    let offsets = try Self.facts(folder.path + "/county", "offset.interval")
    #expect(!offsets.isEmpty)
    for offset in offsets {
      let (low, high) = (try #require(offset["lowNs"] as? Int64), try #require(offset["highNs"] as? Int64))
      // No narrower than the path's round trip allows.
      #expect(low <= Self.ahead && Self.ahead <= high && high - low >= 70_000_000, "\(low - Self.ahead) \(high - Self.ahead)")
    }
    for unit in try Self.transits(folder.path + "/province") {
      let delay = unit.arrived - Self.ahead - unit.sent
      #expect(delay >= up * 1_000_000 && delay < 1_000_000_000)
      let (low, high) = (unit.arrived - unit.sent + unit.low, unit.arrived - unit.sent + unit.high)
      #expect(low <= delay && delay <= high && high - low >= 70_000_000, "\(low) \(delay) \(high)")
    }
  }

  /// A node in the field, and how to talk to it from there.
  private struct Field {
    let node: Node
    let prefix: [String]

    func ask(_ path: String, _ body: [String: Any]? = nil) throws -> [String: Any] {
      var words = ["curl", "--silent", "--show-error", "--max-time", "20", "http://127.0.0.1:\(node.http)\(path)"]
      if let body {
        words += ["--data", String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)]
        words += ["--header", "Content-Type: application/json"]
      }
      let outcome = try Program.run(prefix[0], prefix.dropFirst() + words)
      return try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any] ?? [:]
    }
  }

  /// Paired with the province over the link, and linked.
  private func county(_ folder: String, _ province: Node, _ lab: NetworkLab) async throws -> Field {
    let made = try Program.run(Program.firstframe, ["pair", "--data", folder + "/province", "--json"])
    let code = try #require((try JSONSerialization.jsonObject(with: Data(made.output.utf8)) as? [String: Any])?["code"] as? String)
    let control = "\(NetworkLab.centreAddress):\(province.control)"
    let paired = try Program.run(
      lab.field.prefix[0],
      lab.field.prefix.dropFirst() + [
        Program.firstframe, "pair", "--with", control, "--code", code, "--name", "deqing", "--data", folder + "/county", "--json",
      ])
    try #require(paired.status == 0, "\(paired.output) \(paired.errors)")
    let uplink: [String: Any] = [
      "name": "zhejiang", "control": control, "media": "rtsp://\(NetworkLab.centreAddress):\(province.rtsp)", "streams": ["live/**"],
    ]
    let settings: [String: Any] = [
      "node": ["name": "deqing", "role": "county"], "devices": [["name": "solo01", "stream": "live/solo01", "class": "soloKit"]], "uplinks": [uplink],
    ]
    try JSONSerialization.data(withJSONObject: settings).write(to: URL(fileURLWithPath: folder + "/county.yaml"))
    let node = try Node(data: folder + "/county", config: folder + "/county.yaml", prefix: lab.field.prefix)
    try await node.awaitReady()
    let field = Field(node: node, prefix: lab.field.prefix)
    try await node.await { (try field.ask("/api/v1/links")["uplinks"] as? [[String: Any]])?.first?["beacon"] as? Bool == true }
    return field
  }

  private static func facts(_ data: String, _ kind: String) throws -> [[String: Any]] {
    let text = try String(contentsOfFile: data + "/journal/journal-000001.jsonl", encoding: .utf8)
    return text.split(separator: "\n").filter { $0.contains("\"\(kind)\"") }.compactMap { line in
      let fact = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return fact?["kind"] as? String == kind ? fact : nil
    }
  }

  /// The transit events of a node's sample files, by the reader that docs/samples.md gives to strangers.
  private static func transits(_ data: String) throws -> [(arrived: Int64, sent: Int64, low: Int64, high: Int64)] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(contentsOf: root.appendingPathComponent("docs/samples.md"), encoding: .utf8)
    let reader = try #require(page.components(separatedBy: "```python\n").last?.components(separatedBy: "```").first)
    let files = FileManager.default.enumerator(atPath: data + "/samples")?.compactMap { $0 as? String }.filter { $0.hasSuffix(".ffs") } ?? []
    var found: [(arrived: Int64, sent: Int64, low: Int64, high: Int64)] = []
    for file in files {
      let outcome = try Program.run("python3", ["-c", reader, data + "/samples/" + file])
      for line in outcome.output.split(separator: "\n") where line.hasPrefix("[\"event\"") {
        guard let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [Any], let values = event.last as? [Int64], values.count == 6,
          values[1] == 7
        else { continue }
        found.append((arrived: values[0], sent: values[3], low: values[4], high: values[5]))
      }
    }
    return found
  }
}
