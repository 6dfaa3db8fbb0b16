public import Model
internal import Synchronization

/// One measured session on its way to its file. Callers append under a lock that is held for as long as a few dozen bytes take; the file is the writer
/// thread's alone.
public final class SampleSession: SampleWriting {
  private struct State {
    var encoder: SampleEncoder
    var isClosed: Bool
  }

  /// What the records are samples of.
  public let header: SampleHeader
  private let state: Mutex<State>
  private let clock: any NodeClock
  private let onClose: @Sendable () -> Void

  init(_ header: SampleHeader, limit: Int, clock: any NodeClock, onClose: @escaping @Sendable () -> Void) {
    self.header = header
    self.clock = clock
    self.onClose = onClose
    state = Mutex(State(encoder: SampleEncoder(header: header, limit: limit), isClosed: false))
  }

  /// Adds a frame. Records come in the order in which they were made; none blocks on the disk, and what does not fit is counted in the file.
  public func frame(_ sample: FrameSample) { append(.frame(sample)) }
  /// Adds a second's counters; with one of them a block ends, each minute.
  public func second(_ sample: SecondSample) { append(.second(sample)) }
  /// Adds an event.
  public func event(_ event: SampleEvent) { append(.event(event)) }

  private func append(_ record: SampleRecord) {
    state.withLock { state in
      if !state.isClosed { state.encoder.append(record, wall: wall) }
    }
  }

  /// Adds many records under one lock.
  public func append(_ records: [SampleRecord]) {
    state.withLock { state in
      guard !state.isClosed else { return }
      for record in records { state.encoder.append(record, wall: wall) }
    }
  }

  /// Ends the last block; its file is complete within a second or so. Further records are dropped.
  public func close() {
    let isFirst = state.withLock { state in
      guard !state.isClosed else { return false }
      state.isClosed = true
      state.encoder.finish(wall: wall)
      return true
    }
    if isFirst { onClose() }
  }

  private func wall(_ time: BootTime) -> WallTime {
    let reading = clock.reading()
    return WallTime(nanoseconds: reading.kernel.nanoseconds &+ (time - reading.boot).value)
  }

  // MARK: the writer's side

  /// Takes what waits; true when nothing more will come.
  func drain(into spare: inout [UInt8], marks: inout [SampleEncoder.Mark]) -> Bool {
    state.withLock { state in
      if !state.isClosed { state.encoder.endIdle(now: clock.bootTime()) }
      marks = state.encoder.drain(into: &spare)
      return state.isClosed
    }
  }
}
