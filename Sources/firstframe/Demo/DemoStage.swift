internal import Foundation
internal import Model

/// The processes of a running demo.
final class DemoStage {
  private let plan: DemoPlan
  private let provinceBootOffset: Int?
  private var children: [ChildProcess] = []
  private var devices: [String: ChildProcess] = [:]

  /// - Parameter provinceBootOffset: the province runs in a time namespace whose boot clock is so many seconds ahead (needs root).
  init(plan: DemoPlan, provinceBootOffset: Int?) {
    self.plan = plan
    self.provinceBootOffset = provinceBootOffset
  }

  /// Starts a node and waits until it answers.
  func start(_ node: DemoPlan.Node) async throws {
    let config = "\(node.folder)/firstframe.yaml"
    try Data(plan.configuration(of: node).text.utf8).write(to: URL(fileURLWithPath: config))
    var prefix: [String] = []
    if node.role == "province", let offset = provinceBootOffset {
      prefix = ["unshare", "--time", "--boottime", String(offset), "--fork", "--kill-child=SIGTERM"]
    }
    let child = try ChildProcess(node.name, ["serve", "--config", config, "--data", node.folder], prefix: prefix, logs: plan.logs)
    children.append(child)
    let client = APIClient(base: node.api, key: nil)
    for _ in 0..<200 {
      if (try? await client.call("GET", "/healthz")) != nil { return }
      guard child.isRunning else { break }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Fault(.peerUnreachable, "\(node.name) \(node.api)")
  }

  /// Pairs county and province as two people would: a code here, the code there, fingerprints at both ends.
  func pair() throws -> String {
    let made = try object(
      ChildProcess.output(["pair", "--data", plan.province.folder, "--json"]))
    guard let code = made["code"] as? String else { throw Fault(.pairingCodeWrong) }
    let done = try object(
      ChildProcess.output([
        "pair", "--with", "127.0.0.1:\(plan.province.control)", "--code", code, "--name", plan.county.name, "--data", plan.county.folder,
        "--json",
      ]))
    return done["peerFingerprint"] as? String ?? ""
  }

  func startCamera() throws {
    guard let tower = plan.devices.first(where: { $0.deviceClass == .highPoint }) else { return }
    children.append(
      try ChildProcess(
        tower.name,
        [
          "push", "--pattern", tower.pattern, "--size", tower.size, "--label", tower.name, "--listen", "127.0.0.1:\(plan.cameraPort)",
          "rtsp://127.0.0.1/tower01",
        ],
        logs: plan.logs))
  }

  func startDevice(_ device: DemoPlan.Device) throws {
    var arguments = ["push", "--pattern", device.pattern, "--size", device.size, "--label", device.name, "--retry", plan.target(device)]
    if device.mediaProtocol == "rtsp/udp" { arguments.insert("--udp", at: 1) }
    devices[device.name] = try ChildProcess(device.name, arguments, logs: plan.logs)
  }

  func killDevice(_ name: String) { devices[name]?.kill() }

  func stopDevices() async {
    for device in devices.values { await device.stop() }
    devices = [:]
  }

  func clear() async {
    await stopDevices()
    for child in children.reversed() { await child.stop() }
    children = []
  }

  private func object(_ data: Data) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }
}
