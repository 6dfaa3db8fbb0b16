public import Model
public import Settings

/// Where lower centres dial in.
public struct ControlSettings: Sendable, Hashable {
  /// The address to listen on.
  public var host: String
  /// 0 lets the kernel choose.
  public var port: UInt16 = 8555

  /// Reads the section `control`.
  /// - Parameter bind: the address that all listeners of the node share.
  public init(_ section: inout ConfigReader, bind: String) throws(Fault) {
    host = bind
    port = try section.port("port", default: port)
  }
}
