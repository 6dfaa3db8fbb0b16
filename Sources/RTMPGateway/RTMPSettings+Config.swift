public import Model
public import Settings

extension RTMPSettings {
  /// Reads the section `rtmp`.
  /// - Parameter bind: the address that all listeners of the node share.
  public init(_ section: inout ConfigReader, bind: String) throws(Fault) {
    self.init()
    host = bind
    port = try section.port("port", default: port)
  }
}
