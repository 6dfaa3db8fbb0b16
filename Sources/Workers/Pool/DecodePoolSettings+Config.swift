public import Model
public import Settings

extension DecodePoolSettings {
  /// Reads the section `workers`.
  /// - Parameter socketPath: where the pool listens for its workers.
  public init(_ section: inout ConfigReader, socketPath: String) throws(Fault) {
    self.init(socketPath: socketPath)
    workers = try section.number("count", default: workers, in: 1...64)
  }
}
