import FirstFrameTesting
import Measure
import Model

/// One camera, one link, one gateway, from the first packet to the goodbye; then what the product says and what the log says.
struct LabRun: Sendable {
  let scenario: Scenario
  let seed: UInt64
  let footage: Footage
  let log: TruthLog
  let windows: [QualityWindow]
  let header: SampleHeader?
  let records: [SampleRecord]

  var referee: Referee { Referee(log, footage) }

  static func perform(_ scenario: Scenario, seed: UInt64) async throws -> LabRun {
    let lab = try await NetworkLab(seed: seed, forward: scenario.forward, back: scenario.back)
    let gateway = try await LabGateway.start(in: lab.centre, frameRateMilli: scenario.frameRate * 1000)
    let footage = Footage(seed: seed, frameRate: scenario.frameRate, frames: scenario.frames, gop: scenario.gop)
    let camera = FieldCamera(footage: footage, port: gateway.port, stream: "live/lab")
    do {
      try await lab.field.run { try camera.film(patience: 600_000_000) }
      try await gateway.sessionClosed()
    } catch {
      await gateway.stop()
      throw error
    }
    let notebook = gateway.notebook
    await gateway.stop()
    let log = await lab.stop()
    return LabRun(
      scenario: scenario, seed: seed, footage: footage, log: log, windows: notebook.windows, header: notebook.header,
      records: notebook.records)
  }

  /// Every seed's run of a scenario, a few at a time.
  static func series(_ scenario: Scenario) async throws -> [LabRun] {
    let spinners = try scenario.isBusy ? Spinners() : nil
    defer { spinners?.stop() }
    let seeds = (1...UInt64(LabSeries.seeds)).map { $0 }
    let width = scenario.isBusy ? 1 : 4
    var runs: [LabRun] = []
    for from in stride(from: 0, to: seeds.count, by: width) {
      let group = seeds[from..<min(seeds.count, from + width)]
      runs += try await withThrowingTaskGroup(of: LabRun.self) { tasks in
        for seed in group { tasks.addTask { try await perform(scenario, seed: seed) } }
        var done: [LabRun] = []
        for try await run in tasks { done.append(run) }
        return done
      }
    }
    return runs.sorted { $0.seed < $1.seed }
  }
}
