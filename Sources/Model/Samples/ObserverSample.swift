/// How well the observer itself was doing: without it a lossy machine would look like a lossy link.
public struct ObserverSample: Hashable, Sendable {
  /// 99th percentile since the sample before of (now − kernel arrival) when a packet was read, over TCP of its loop's lag; nil when nothing was read.
  public var probeLagP99Ns: Int64?
  /// How often the lag was read since the sample before, and how often it was above ``lagLimit``.
  public var readings: Int64
  /// See ``readings``.
  public var lateReadings: Int64
  /// The socket's (or the machine's) cumulative UDP RcvbufErrors.
  public var receiveBufferErrors: Int64
  /// CPU pressure `some avg10` (/proc/pressure/cpu) in ppm; nil where the kernel has none.
  public var cpuPressurePPM: Int64?

  /// Lag above which a packet was read late.
  public static let lagLimit = Nanoseconds.milliseconds(20)

  public init(probeLagP99Ns: Int64? = nil, readings: Int64 = 0, lateReadings: Int64 = 0, receiveBufferErrors: Int64 = 0, cpuPressurePPM: Int64? = nil)
  {
    self.probeLagP99Ns = probeLagP99Ns
    self.readings = readings
    self.lateReadings = lateReadings
    self.receiveBufferErrors = receiveBufferErrors
    self.cpuPressurePPM = cpuPressurePPM
  }
}
