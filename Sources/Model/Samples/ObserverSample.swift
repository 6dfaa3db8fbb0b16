/// How well the observer itself was doing: without it a lossy machine would be taken for a lossy link.
public struct ObserverSample: Hashable, Sendable {
  /// 99th percentile since the sample before of (now − kernel arrival) when a packet was read; nil when no packet came.
  public var probeLagP99Ns: Int64?
  /// The socket's (or the machine's) cumulative UDP RcvbufErrors.
  public var receiveBufferErrors: Int64
  /// CPU pressure `some avg10` (/proc/pressure/cpu) in ppm; nil where the kernel has none.
  public var cpuPressurePPM: Int64?

  public init(probeLagP99Ns: Int64? = nil, receiveBufferErrors: Int64 = 0, cpuPressurePPM: Int64? = nil) {
    self.probeLagP99Ns = probeLagP99Ns
    self.receiveBufferErrors = receiveBufferErrors
    self.cpuPressurePPM = cpuPressurePPM
  }
}
