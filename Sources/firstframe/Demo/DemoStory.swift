internal import Foundation
internal import Model

/// What happens in the demo, shown at the terminal as it happens.
struct DemoStory {
  let plan: DemoPlan
  let stage: DemoStage
  let seconds: Int

  private var county: APIClient { APIClient(base: plan.county.api, key: nil) }
  private var province: APIClient { APIClient(base: plan.province.api, key: nil) }

  func run() async throws -> DemoOutcome {
    say("省中心启动 | province starts", plan.province.api)
    try await stage.start(plan.province)
    let fingerprint = try stage.pair()
    say("县省配对,指纹 | paired, fingerprint", String(fingerprint.prefix(19)) + "…")
    try stage.startCamera()
    say("县中心启动 | county starts", plan.county.api + "/")
    try await stage.start(plan.county)
    try await awaitBeacon()
    let incident = try await county.object(
      "POST", "/api/v1/incidents",
      body: ["title": "危化品车辆侧翻演练 / tanker drill", "devices": .array(plan.devices.map { .string($0.name) })])
    guard let id = incident["id"] as? String else { throw Fault(.requestInvalid, "no id") }
    say("t1 接报 | incident opened", id)
    try await follow(id)
    let quality = try await qualities()
    await stage.stopDevices()
    // The recorder closes its last segments when the streams end; an orderly close makes them complete.
    _ = try await county.object("POST", "/api/v1/incidents/\(id)/close", body: ["reason": "演示结束 / demo over"])
    return try await collect(id, quality)
  }

  /// An incident that is opened before the first beacon came has no bracket by the province's clock.
  private func awaitBeacon() async throws {
    for _ in 0..<100 {
      let links = try await county.object("GET", "/api/v1/links")
      let uplink = (links["uplinks"] as? [[String: Any]])?.first
      if uplink?["up"] as? Bool == true, uplink?["beacon"] as? Bool == true { return say("控制链路 | control link", plan.province.name) }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Fault(.peerUnreachable, plan.province.name)
  }

  private func follow(_ id: String) async throws {
    let clock = ContinuousClock()
    let begin = clock.now
    var waiting = plan.devices.filter { $0.deviceClass != .highPoint }
    var printer = StepPrinter()
    var killed = false
    var restarted = false
    while clock.now - begin < .seconds(seconds) {
      let elapsed = clock.now - begin
      for device in waiting where elapsed >= .seconds(device.onAirAfter) {
        try stage.startDevice(device)
        say("开始推送 | on the air", "\(device.name) \(device.mediaProtocol)")
      }
      waiting.removeAll { elapsed >= .seconds($0.onAirAfter) }
      if !killed, elapsed >= .seconds(seconds / 2) {
        stage.killDevice(plan.interrupted)
        killed = true
        say("断电 | killed", plan.interrupted)
      }
      if killed, !restarted, elapsed >= .seconds(seconds / 2 + 3), let device = plan.devices.first(where: { $0.name == plan.interrupted }) {
        try stage.startDevice(device)
        restarted = true
        say("恢复 | back", plan.interrupted)
      }
      if let answer = try? await county.object("GET", "/api/v1/incidents/\(id)") { printer.show(answer) }
      Console.progress("  … \(elapsed.components.seconds) / \(seconds) s")
      try await Task.sleep(for: .milliseconds(300))
    }
    Console.endProgress()
  }

  /// Quality of each device's stream while it still runs.
  private func qualities() async throws -> [String: Any] {
    var found: [String: Any] = [:]
    for device in plan.devices {
      let answer = try? await county.object("GET", "/api/v1/streams/\(device.stream)")
      found[device.name] = (answer?["quality"] as? [String: Any])?["inbound"]
    }
    return found
  }

  private func collect(_ id: String, _ quality: [String: Any]) async throws -> DemoOutcome {
    var archive: [String: [String: Any]] = [:]
    for device in plan.devices {
      archive[device.name] = try? await county.object("GET", "/api/v1/archive/\(device.stream)")
    }
    let incident = try await county.object("GET", "/api/v1/incidents/\(id)")
    let report = "\(plan.folder)/report-\(id).html"
    try await county.call("GET", "/api/v1/reports/\(id).html").write(to: URL(fileURLWithPath: report))
    return DemoOutcome(plan: plan, id: id, incident: incident, quality: quality, archive: archive, reportPath: report)
  }

  private func say(_ what: String, _ detail: String) {
    Console.endProgress()
    Console.say("▸ \(what):\(detail)")
  }
}

/// Prints each step of the time line once, as it appears.
struct StepPrinter {
  private var seen: Set<String> = []

  mutating func show(_ incident: [String: Any]) {
    let steps = incident["steps"] as? [[String: Any]] ?? []
    let begin = (steps.first { $0["id"] as? String == "t1" }?["bootNs"] as? NSNumber)?.int64Value
    for step in steps {
      guard let id = step["id"] as? String else { continue }
      let device = step["device"] as? String ?? ""
      guard seen.insert("\(id) \(device)").inserted else { continue }
      let source = step["source"] as? String ?? ""
      let own = (step["node"] as? String).map { $0 == "" } ?? true
      let time = (step["bootNs"] as? NSNumber)?.int64Value
      let offset = own ? begin.flatMap { begin in time.map { Figures.seconds(nanoseconds: $0 &- begin) } } : nil
      Console.endProgress()
      Console.say("  \(id)\(String(repeating: " ", count: max(1, 5 - id.count)))\(offset.map { "+\($0)" } ?? "")  \(device)  \(source)")
    }
  }
}
