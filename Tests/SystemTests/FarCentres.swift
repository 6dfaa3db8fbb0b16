import FirstFrameTesting
import Foundation
import Testing

/// A county in the lab's field and a province in its centre, as their users run them, the lab's link between them; the province's boot clock is a hundred
/// days ahead of this machine's.
final class FarCentres {
  static let ahead = Centres.hundredDays * 1_000_000_000

  let lab: NetworkLab
  let clip: String
  private let folder: TemporaryFolder
  private let province: Node
  private let county: Node

  /// Paired, linked, and a beacon has come.
  /// - Parameter devices: `solo1`, `solo2`, … are registered.
  init(_ lab: NetworkLab, devices: Int) async throws {
    self.lab = lab
    folder = try TemporaryFolder()
    clip = try Clip.make(in: folder.path, seconds: 20)
    province = try Node(
      data: folder.path + "/province",
      settings: ["node.name=zhejiang", "node.role=province", "bind=\(NetworkLab.centreAddress)", "access.openAnywhere=true"],
      prefix: lab.centre.prefix + ["unshare", "--time", "--boottime", "\(Centres.hundredDays)", "--fork", "--kill-child=SIGKILL"])
    try await province.awaitReady()
    try Self.pair(folder.path, province.control, from: lab.field.prefix)
    try Self.configure(folder.path, province, devices: devices)
    county = try Node(data: folder.path + "/county", config: folder.path + "/county.yaml", prefix: lab.field.prefix)
    try await county.awaitReady()
    try await county.await { (try self.ask("/api/v1/links")["uplinks"] as? [[String: Any]])?.first?["beacon"] as? Bool == true }
  }

  /// Both nodes die; their folders stay until this goes.
  func stop() async {
    county.kill()
    province.kill()
    _ = await lab.stop()
  }

  /// ffmpeg in the place of a device beside the county, until it is killed.
  func film(_ device: String) throws -> Sender {
    try Sender(
      clip, ["-c", "copy", "-f", "rtsp", "-rtsp_transport", "tcp", "rtsp://127.0.0.1:\(county.rtsp)/live/\(device)"], loops: true,
      prefix: lab.field.prefix)
  }

  /// Asks the county's API, from the county's machine.
  func ask(_ path: String, _ body: [String: Any]? = nil) throws -> [String: Any] {
    var words = ["curl", "--silent", "--show-error", "--max-time", "20", "http://127.0.0.1:\(county.http)\(path)"]
    if let body {
      words += ["--data", String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)]
      words += ["--header", "Content-Type: application/json"]
    }
    let outcome = try Program.run(lab.field.prefix[0], lab.field.prefix.dropFirst() + words)
    return try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any] ?? [:]
  }

  /// Waits until the county shows an incident so, and returns it.
  func shows(_ incident: String, _ condition: ([String: Any]) throws -> Bool) async throws -> [String: Any] {
    var shown: [String: Any] = [:]
    try await county.await {
      shown = try self.ask("/api/v1/incidents/\(incident)")
      return try condition(shown)
    }
    return shown
  }

  func facts(_ node: String, _ kind: String) throws -> [[String: Any]] {
    let text = try String(contentsOfFile: "\(folder.path)/\(node)/journal/journal-000001.jsonl", encoding: .utf8)
    return text.split(separator: "\n").filter { $0.contains("\"\(kind)\"") }.compactMap { line in
      let fact = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return fact?["kind"] as? String == kind ? fact : nil
    }
  }

  /// What the province was told of one key unit's way: its arrival, when the county says that it left, each on its own node's clock, and the bounds of
  /// the clocks' distance.
  struct Transit {
    let arrived: Int64
    let sent: Int64
    let low: Int64
    let high: Int64
  }

  /// The transit events of the province's sample files, by the reader that docs/samples.md gives to strangers.
  func transits() throws -> [Transit] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(contentsOf: root.appendingPathComponent("docs/samples.md"), encoding: .utf8)
    let reader = try #require(page.components(separatedBy: "```python\n").last?.components(separatedBy: "```").first)
    let samples = folder.path + "/province/samples"
    let files = FileManager.default.enumerator(atPath: samples)?.compactMap { $0 as? String }.filter { $0.hasSuffix(".ffs") } ?? []
    var found: [Transit] = []
    for file in files {
      let outcome = try Program.run("python3", ["-c", reader, samples + "/" + file])
      for line in outcome.output.split(separator: "\n") where line.hasPrefix("[\"event\"") {
        guard let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [Any], let values = event.last as? [Int64], values.count == 6,
          values[1] == 7
        else { continue }
        found.append(Transit(arrived: values[0], sent: values[3], low: values[4], high: values[5]))
      }
    }
    return found
  }

  // MARK: Making them

  private static func pair(_ folder: String, _ control: Int, from field: [String]) throws {
    let made = try Program.run(Program.firstframe, ["pair", "--data", folder + "/province", "--json"])
    let code = try #require((try JSONSerialization.jsonObject(with: Data(made.output.utf8)) as? [String: Any])?["code"] as? String)
    let paired = try Program.run(
      field[0],
      field.dropFirst() + [
        Program.firstframe, "pair", "--with", "\(NetworkLab.centreAddress):\(control)", "--code", code, "--name", "deqing", "--data",
        folder + "/county", "--json",
      ])
    try #require(paired.status == 0, "\(paired.output) \(paired.errors)")
  }

  private static func configure(_ folder: String, _ province: Node, devices: Int) throws {
    let uplink: [String: Any] = [
      "name": "zhejiang", "control": "\(NetworkLab.centreAddress):\(province.control)",
      "media": "rtsp://\(NetworkLab.centreAddress):\(province.rtsp)", "streams": ["live/**"],
    ]
    let settings: [String: Any] = [
      "node": ["name": "deqing", "role": "county"],
      "devices": (1...devices).map { ["name": "solo\($0)", "stream": "live/solo\($0)", "class": "soloKit"] }, "uplinks": [uplink],
    ]
    try JSONSerialization.data(withJSONObject: settings).write(to: URL(fileURLWithPath: folder + "/county.yaml"))
  }
}
