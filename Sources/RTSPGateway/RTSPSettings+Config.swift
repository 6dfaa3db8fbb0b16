public import Model
public import Settings

extension RTSPSettings {
  /// Reads the section `rtsp`.
  /// - Parameter bind: the address that all listeners of the node share.
  public init(_ section: inout ConfigReader, bind: String) throws(Fault) {
    self.init()
    host = bind
    port = try section.port("port", default: port)
    pullSilence = .seconds(Int64(try section.number("pullSilenceSeconds", default: 10, in: 2...3600)))
    rtpPorts = try section.ports("rtpPorts", default: 20_000...21_999)
  }
}
