internal import Model

/// The observer's health over a window.
public struct ObserverFigures: Hashable, Sendable {
  /// The largest of the seconds' 99th percentiles; nil when nothing was read.
  public var probeLagP99Ns: Int64?
  /// How often the lag was read, and how often it was above ``ObserverSample/lagLimit``.
  public var readings: Int64
  /// See ``readings``.
  public var lateReadings: Int64
  /// Datagrams that found the socket's buffer full.
  public var receiveBufferErrors: Int64
  /// The largest of the seconds' values; nil where the kernel has none.
  public var cpuPressurePPM: Int64?

  public init(probeLagP99Ns: Int64? = nil, readings: Int64 = 0, lateReadings: Int64 = 0, receiveBufferErrors: Int64 = 0, cpuPressurePPM: Int64? = nil)
  {
    self.probeLagP99Ns = probeLagP99Ns
    self.readings = readings
    self.lateReadings = lateReadings
    self.receiveBufferErrors = receiveBufferErrors
    self.cpuPressurePPM = cpuPressurePPM
  }

  /// 观测受限: the machine, not the link, may have made these figures. The window's 99th percentile of lags, nearest rank, is above the limit when more
  /// than one reading of a hundred is; samples of the first version do not count their readings, and there the worst second's percentile stands for it.
  public var isLimited: Bool {
    let isLate = readings == 0 ? (probeLagP99Ns ?? 0) > ObserverSample.lagLimit.value : Int128(lateReadings) * 100 > Int128(readings)
    return isLate || receiveBufferErrors > 0
  }
}
