import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// A county and a province as their users run them: two paired programs on ports and folders that outlive each run of them. The province's boot clock is a
/// hundred days ahead, so that nothing can mix the two; its distance from this machine's is known to the nanosecond, and so is the truth.
final class Centres {
  /// What a node is to believe of its machine.
  struct Machine {
    /// Seconds that its boot clock is ahead of this machine's.
    var bootOffset: Int64 = 0
    /// Another boot id than this machine's.
    var bootID: String?
    /// Variables of its environment.
    var environment: [String: String] = [:]
  }

  static let hundredDays: Int64 = 8_640_000
  static let canRun =
    getuid() == 0 && Program.exists("ffmpeg")
    && (try? Program.run("unshare", ["--mount", "--time", "--boottime", "8640000", "--fork", "true"]).status) == 0

  let folder: TemporaryFolder
  let clip: String
  private(set) var province: Node
  private(set) var county: Node
  private var devices: [Publisher] = []

  init(county machine: Machine = Machine()) async throws {
    folder = try TemporaryFolder()
    clip = try Clip.make(in: folder.path, seconds: 20)
    province = try Node(
      data: folder.path + "/province", settings: ["node.name=zhejiang", "node.role=province", "rtsp.rtpPorts=25000-25999"],
      prefix: try Centres.prefix(Machine(bootOffset: Centres.hundredDays), folder.path))
    try await province.awaitReady()
    try Centres.pair(folder.path, province.control)
    try Centres.configure(folder.path, province)
    county = try Node(
      data: folder.path + "/county", config: folder.path + "/county.yaml", prefix: try Centres.prefix(machine, folder.path))
    try await county.awaitReady()
    try await countyIsLinked()
  }

  // MARK: Lives of the nodes

  func killProvince() { province.kill() }
  func killCounty() { county.kill() }

  /// Starts the province again on its ports, on its machine or another that calls itself by the same name.
  func startProvince(on machine: Machine = Machine(bootOffset: Centres.hundredDays)) async throws {
    province = try Node(
      data: folder.path + "/province",
      settings: ["node.name=zhejiang", "node.role=province", "rtsp.rtpPorts=25000-25999"] + Centres.ports(of: province),
      prefix: try Centres.prefix(machine, folder.path))
    try await province.awaitReady()
  }

  func startCounty(on machine: Machine = Machine()) async throws {
    county = try Node(
      data: folder.path + "/county", config: folder.path + "/county.yaml", settings: Centres.ports(of: county),
      prefix: try Centres.prefix(machine, folder.path))
    try await county.awaitReady()
  }

  func stop() {
    for device in devices { device.stop() }
    county.kill()
    province.kill()
  }

  func publish(_ stream: String, transport: String = "tcp") throws {
    devices.append(try Publisher(clip: clip, url: "rtsp://127.0.0.1:\(county.rtsp)/\(stream)", transport: transport))
  }

  // MARK: What they say

  /// Until the link is up and a beacon has come: an incident opened then carries it.
  func countyIsLinked() async throws {
    try await county.await { try await self.uplink()["beacon"] as? Bool == true }
  }

  func uplink() async throws -> [String: Any] { (try await county.get("/api/v1/links")["uplinks"] as? [[String: Any]])?.first ?? [:] }

  func open(_ title: String = "演练", devices: [String] = ["solo01"]) async throws -> String {
    try #require(try await county.post("/api/v1/incidents", ["title": title, "devices": devices])["id"] as? String)
  }

  func provinceHeard(_ incident: String) async throws {
    try await province.await {
      (try await self.province.get("/api/v1/heard")["incidents"] as? [[String: Any]] ?? []).contains { $0["incident"] as? String == incident }
    }
  }

  /// Waits until the county shows an incident so, and returns it.
  @discardableResult
  func shows(_ incident: String, _ condition: ([String: Any]) -> Bool) async throws -> [String: Any] {
    var shown: [String: Any] = [:]
    try await county.await {
      shown = try await self.county.get("/api/v1/incidents/\(incident)")
      return condition(shown)
    }
    return shown
  }

  /// A node's journal as it lies on the disk.
  func journal(_ node: String, _ kind: String) throws -> [[String: Any]] {
    let path = "\(folder.path)/\(node)/journal"
    let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".jsonl") }.sorted()
    var found: [[String: Any]] = []
    for name in names {
      for line in try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8).split(separator: "\n") where line.contains("\"\(kind)\"") {
        if let fact = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], fact["kind"] as? String == kind {
          found.append(fact)
        }
      }
    }
    return found
  }

  /// This machine's boot time in nanoseconds.
  static func bootTime() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// When the province decoded its first picture of an incident, on this machine's clock.
  func provinceSaw(_ incident: String, bootOffset: Int64 = hundredDays) throws -> Int64 {
    let seen = try journal("province", "province.decoded").first { $0["incident"] as? String == incident }
    return try #require(seen?["decodedNs"] as? Int64) - bootOffset * 1_000_000_000
  }

  // MARK: Making them

  private static func ports(of node: Node) -> [String] {
    ["rtsp.port=\(node.rtsp)", "rtmp.port=\(node.rtmp)", "http.port=\(node.http)", "control.port=\(node.control)"]
  }

  private static func pair(_ folder: String, _ control: Int) throws {
    let made = try Program.run(Program.firstframe, ["pair", "--data", folder + "/province", "--json"])
    let object = try JSONSerialization.jsonObject(with: Data(made.output.utf8)) as? [String: Any]
    let code = try #require(object?["code"] as? String, "\(made.output) \(made.errors)")
    let paired = try Program.run(
      Program.firstframe,
      ["pair", "--with", "127.0.0.1:\(control)", "--code", code, "--name", "deqing", "--data", folder + "/county", "--json"])
    try #require(paired.status == 0, "\(paired.output) \(paired.errors)")
  }

  private static func configure(_ folder: String, _ province: Node) throws {
    let devices: [[String: Any]] = ["solo01", "solo02"].map { ["name": $0, "stream": "live/\($0)", "class": "soloKit"] }
    let uplink: [String: Any] = [
      "name": "zhejiang", "control": "127.0.0.1:\(province.control)", "media": "rtsp://127.0.0.1:\(province.rtsp)", "streams": ["live/**"],
    ]
    let settings: [String: Any] = [
      "node": ["name": "deqing", "role": "county"], "rtsp": ["rtpPorts": "24000-24999"], "devices": devices, "uplinks": [uplink],
    ]
    try JSONSerialization.data(withJSONObject: settings).write(to: URL(fileURLWithPath: folder + "/county.yaml"))
  }

  /// The commands that make a process believe in another machine: its own boot clock by a time namespace, its own boot id by a file over the kernel's.
  private static func prefix(_ machine: Machine, _ folder: String) throws -> [String] {
    // The variables are the node's, not unshare's: a preloaded library would be in both.
    let variables = machine.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    var namespaces = machine.bootOffset == 0 ? [] : ["--time", "--boottime", String(machine.bootOffset)]
    if machine.bootID != nil { namespaces.append("--mount") }
    var command = namespaces.isEmpty ? [] : ["unshare"] + namespaces + ["--fork", "--kill-child=SIGKILL"]
    if let id = machine.bootID {
      let file = "\(folder)/boot-\(id)"
      try (id + "\n").write(toFile: file, atomically: true, encoding: .utf8)
      command += ["sh", "-c", "mount --bind \(file) /proc/sys/kernel/random/boot_id && exec \"$@\"", "sh"]
    }
    // The second `env` is run with them first: libfaketime changes the environment of the program that it begins with, and Swift finds its
    // arguments by where the environment lies.
    return command + (variables.isEmpty ? [] : ["env"] + variables + ["env"])
  }
}
