internal import Logging
internal import Model
internal import NIOCore
internal import Pipelines
internal import Wire

/// Carries out a plan's steps: makes muxers, pushes, ends them. On one thread of the archive's own; live streams and recovery have one each.
final class TapDriver {
  private let context: ArchiveContext
  private let recording: StreamRecording
  private let chain: SpoolChain
  private let origin: TapRun.Origin
  private var plan: TapPlan
  private var live: (run: TapRun, tap: any RecorderTap, stall: StallWatch)?
  /// A muxer failed at least once.
  private(set) var hasFailed = false
  private var retryAt: BootTime?
  private var lastArrival: BootTime?

  init(context: ArchiveContext, recording: StreamRecording, chain: SpoolChain, origin: TapRun.Origin, plan: TapPlan = TapPlan()) {
    self.context = context
    self.recording = recording
    self.chain = chain
    self.origin = origin
    self.plan = plan
  }

  func feed(_ items: [RecordedItem]) {
    var hasEnded = false
    for item in items {
      switch item {
      case .unit(let unit): lastArrival = unit.unit.arrival
      case .ended: hasEnded = true
      case .described, .interrupted: break
      }
    }
    for step in plan.steps(for: items) { follow(step) }
    // Only now: until the notes are written, the spool must keep what was planned. A recovery that failed keeps its spool for the next start.
    if !origin.isRecovered || !hasFailed { chain.plan(upTo: hasEnded ? .max : plan.planned) }
    if hasEnded, let lastArrival { recording.add(TapRun(endOf: chain, lastArrival: lastArrival, origin: origin)) }
    recording.note { $0.isRecording = live != nil }
  }

  private func follow(_ step: TapPlan.Step) {
    switch step {
    case .start(let tracks, let anywhere): start(tracks, anywhere: anywhere)
    case .push(let units, let session): push(units, session: session)
    case .finish: finish(fault: nil)
    case .skipped(let units, _): recording.note { $0.skippedUnits += Int64(units) }
    }
  }

  private func start(_ tracks: [Track], anywhere: Bool) {
    finish(fault: nil)
    if let retryAt, context.clock.bootTime() < retryAt { return }
    let limit = origin.isRecovered ? Int.max : context.settings.backlogBytes
    let run = TapRun(tracks: tracks, anywhere: anywhere, origin: origin, chain: chain, limit: limit)
    let inputs = tracks.compactMap { track in matroskaCaps(for: track).map { RecorderTrack(track: track, caps: $0) } }
    let makeTap = context.makeTap
    do throws(Fault) {
      let tap = try Blocking.wait { () async throws(Fault) in try await makeTap(inputs) { run.put($0) } }
      live = (run, tap, StallWatch())
      retryAt = nil
      recording.add(run)
    } catch {
      retryAt = context.clock.bootTime() + .seconds(5)
      run.end(error)
      recording.add(run)
      fail(error, run: run, stalled: false)
    }
  }

  private func push(_ units: [RecordedUnit], session: String) {
    recording.note { figures in
      figures.ingestedUnits += Int64(units.count)
      figures.ingestedBytes += units.reduce(0) { $0 + Int64($1.unit.payload.readableBytes) }
    }
    guard let live else { return plan.tapFailed() }
    live.run.note(units, session: session)
    live.tap.push(units.map(\.unit))
    if let fault = live.run.fault { fail(fault, run: live.run, stalled: false) }
  }

  /// Compares what came out with what went in.
  func watch() {
    guard var current = live else { return }
    let now = context.clock.bootTime()
    let isStalled = current.stall.isStalled(current.run.counters, at: now, limit: context.settings.stallLimit)
    live = current
    if isStalled { fail(Fault(.recorderStalled, recording.name.path), run: current.run, stalled: true) }
  }

  private func fail(_ fault: Fault, run: TapRun, stalled: Bool) {
    hasFailed = true
    let counters = run.counters
    context.logger.error("recorder of \(recording.name): \(fault)")
    context.facts.record(
      FactKind.recorderStalled,
      [
        "stream": .string(recording.name.path), "stalled": .bool(stalled), "reason": fault.json, "ingestedUnits": .int(Int64(counters.pushed)),
        "recordedUnits": .int(Int64(counters.emitted)),
      ])
    finish(fault: fault)
    plan.tapFailed()
  }

  private func finish(fault: Fault?) {
    guard let (run, tap, _) = live else { return }
    live = nil
    do throws(Fault) {
      // What is inside comes out first; a stalled muxer gets less time.
      let deadline: Duration = fault == nil ? .seconds(5) : .seconds(1)
      try Blocking.wait { () async throws(Fault) in try await tap.finish(deadline: deadline) }
      run.end(fault)
    } catch { run.end(fault ?? error) }
  }
}
