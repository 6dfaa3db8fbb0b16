public import Measure
public import Model
internal import NIOConcurrencyHelpers
public import NIOCore

/// One publication's or reader's measuring while it runs: meter, sample file, 60 s windows, live figures.
///
/// `@unchecked Sendable`: everything but ``sharedQuality(at:)`` is called on one thread, the session's own; what others may read is locked.
public final class MeasuredSession: @unchecked Sendable {
  @usableFromInline var meter: SessionMeter
  private let measuring: SessionMeasuring
  private let file: (any SampleWriting)?
  private let shared: NIOLockedValueBox<SessionMeter>?
  private var isClosed: Bool
  /// The lag of the session's loop, over TCP, and up to where it was read.
  private var lag: LoopLag?
  private var lagEnd = 0

  /// - Parameters:
  ///   - receiveBufferErrors: the cumulative count at the start, from which windows count; nil where the method has no UDP socket.
  ///   - isShared: whether threads other than the session's will ask for figures; costs a copy of the meter a second.
  public init(header: SampleHeader, measuring: SessionMeasuring, receiveBufferErrors: Int64? = nil, isShared: Bool = false) {
    self.measuring = measuring
    file = measuring.isOn ? measuring.samples?.open(header) : nil
    meter =
      measuring.isOn
      ? SessionMeter(header: header, receiveBufferErrors: receiveBufferErrors ?? 0, keepsRecords: file != nil) : .idle(header: header)
    shared = isShared && measuring.isOn ? NIOLockedValueBox(meter) : nil
    isClosed = !measuring.isOn
  }

  /// What the session's sample file begins with.
  public var header: SampleHeader { meter.header }

  // MARK: As media comes

  /// Lets a read's packets and units be counted as one access, for sessions of many packets.
  @inlinable @inline(__always)
  public func withMeter<R, Failure: Error>(_ body: (inout SessionMeter) throws(Failure) -> R) throws(Failure) -> R { try body(&meter) }

  /// How long a packet had lain in the kernel: of each, for a window's readings are weighed by their number.
  public func read(lag: Nanoseconds) { meter.read(lag: lag) }

  /// A round trip, by the method that the header names.
  public func roundTrip(_ value: Nanoseconds, at now: BootTime) { meter.roundTrip(value, at: now) }

  /// A key unit came whole from one of our nodes; counted where that node's clock is known.
  /// - Parameter sent: the instant before its first write, on the sender's clock.
  public func transit(track: UInt8, sent: BootTime, arrived: BootTime) {
    guard !isClosed, let clock = measuring.senderClock(meter.header.stream) else { return }
    meter.transit(track: track, sent: sent, clock: clock, arrived: arrived)
  }

  /// A track's size or nominal frame rate became known or changed. The registered profile's rate goes before the publisher's.
  public func format(_ track: Track, at now: BootTime) {
    let registered = track.codec.isVideo ? measuring.registeredFrameRateMilli(meter.header.stream).map(Int.init) : nil
    meter.trackFormat(
      track.index, width: track.width, height: track.height, nominalFrameRateMilli: registered ?? track.nominalFrameRateMilli, at: now)
  }

  /// What probes saw of picture and sound.
  public func probed(_ events: [SampleEvent]) { if !isClosed { meter.probed(events) } }

  /// The report block for the track's sender; its fraction runs from one call to the next.
  public func reportBlock(track: UInt8) -> ReportBlock? { meter.reportBlock(track: track) }

  // MARK: Once a second, and at turns

  /// Of a session over TCP: its kernel does not say when a read's bytes came, so the loop's lag is read instead.
  public func tick(at now: BootTime, on loop: any EventLoop) {
    guard !isClosed else { return }
    if lag == nil {
      let found = measuring.observer.lag(of: loop)
      found.read(at: .now())
      lagEnd = found.position(before: now - meter.header.started)
      lag = found
    }
    readLag()
    tick(at: now)
  }

  private func readLag() {
    guard let lag else { return }
    lag.read(at: .now())
    lag.readings(from: lagEnd) { meter.read(lag: $0) }
    lagEnd = lag.end
  }

  /// - Parameter receiveBufferErrors: cumulative; nil where the method has no UDP socket.
  public func tick(at now: BootTime, receiveBufferErrors: Int64? = nil) {
    guard !isClosed else { return }
    let window = meter.tick(
      at: now, receiveBufferErrors: receiveBufferErrors, cpuPressurePPM: measuring.observer.cpuPressurePPM(at: now))
    store([window].compactMap { $0 })
  }

  /// The wall clock was stepped, forward if `step` is above zero: closes the window before it.
  public func clockStepped(by step: Nanoseconds, at now: BootTime) {
    guard !isClosed else { return }
    store(meter.clockStepped(by: step, at: now))
  }

  /// The session's end; what comes after it is not counted.
  public func close(at now: BootTime) {
    guard !isClosed else { return }
    isClosed = true
    readLag()
    store(meter.close(at: now))
    file?.close()
  }

  private func store(_ windows: [QualityWindow]) {
    if let file {
      let records = meter.removeRecords()
      if !records.isEmpty { file.append(records) }
    }
    shared?.withLockedValue { $0 = meter }
    for window in windows { measuring.windowClosed(window) }
  }

  // MARK: Figures

  /// Cumulative figures with the last 60 s; on the session's own thread. Nil when nothing is measured.
  public func quality(at now: BootTime) -> InboundQuality? { measuring.isOn ? meter.inbound(at: now) : nil }

  /// The same from any thread, as of the last second; nil unless the session was made to be shared.
  public func sharedQuality(at now: BootTime) -> InboundQuality? {
    guard let copy = shared?.withLockedValue({ $0 }) else { return nil }
    return InboundQuality(copy.figures)
  }
}
