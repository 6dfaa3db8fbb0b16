public import Model
public import Settings

extension ContentSettings {
  /// Reads its key of the section `measure`: `probeMillisecondsPerSecond`.
  public init(_ section: inout ConfigReader) throws(Fault) {
    self.init()
    millisecondsPerSecond = Int64(try section.number("probeMillisecondsPerSecond", default: Int(millisecondsPerSecond), in: 1...10_000))
  }
}
