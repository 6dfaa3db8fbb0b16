/// The observer's health over a window.
public struct ObserverFigures: Hashable, Sendable {
  /// Lag above which a window can neither pass nor fail a link.
  public static let limitNs: Int64 = 20_000_000

  /// The largest of the seconds' 99th percentiles; nil over TCP, where the kernel's stamps do not tell.
  public var probeLagP99Ns: Int64?
  public var receiveBufferErrors: Int64
  /// The largest of the seconds' values; nil where the kernel tells none.
  public var cpuPressurePPM: Int64?

  public init(probeLagP99Ns: Int64? = nil, receiveBufferErrors: Int64 = 0, cpuPressurePPM: Int64? = nil) {
    self.probeLagP99Ns = probeLagP99Ns
    self.receiveBufferErrors = receiveBufferErrors
    self.cpuPressurePPM = cpuPressurePPM
  }

  /// 观测受限: the machine, not the link, may have made these figures.
  public var isLimited: Bool { (probeLagP99Ns ?? 0) > ObserverFigures.limitNs || receiveBufferErrors > 0 }
}
