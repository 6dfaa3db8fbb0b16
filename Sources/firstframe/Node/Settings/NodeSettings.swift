internal import Access
internal import Archive
internal import Cascade
internal import Command
internal import Hub
internal import Model
internal import RTMPGateway
internal import RTSPGateway
internal import Settings
internal import SettingsFile
internal import Web
internal import Workers

/// Everything that the configuration says, each room's part in the room's own type. `Config/firstframe.yaml` shows each key with its default; a test
/// holds the two equal.
struct NodeSettings: Sendable {
  /// Where the node keeps everything that it must not lose.
  let dataFolder: String
  /// The name that this node's streams begin with at the upper centre.
  var name = "county"
  /// Which tier the node is; shown, never decided by.
  var role = NodeRole.county
  /// Address of every listener.
  var bind = "127.0.0.1"
  /// Threads that carry media.
  var mediaLoops = 1
  var rtsp: RTSPSettings
  var rtmp: RTMPSettings
  var web: WebSettings
  var control: ControlSettings
  var access: AccessSettings
  var limits: LimitSettings
  var hub: HubSettings
  var archive: ArchiveSettings
  var workers: DecodePoolSettings
  var measuring: MeasuringSettings
  var devices: [RegisteredDevice]
  var pulls: [RTSPPuller.Source]
  var uplinks: [UplinkSettings]

  /// Reads a configuration for a node that keeps its data in `dataFolder`.
  /// - Throws: ``FaultCode/configUnknownKey`` and ``FaultCode/configInvalid`` with the path of the key.
  init(_ node: ConfigNode, dataFolder: String) throws(Fault) {
    self = try ConfigReader.read(node) { top throws(Fault) in try NodeSettings(&top, dataFolder: dataFolder) }
  }

  /// Reads the whole configuration, section by section.
  init(_ top: inout ConfigReader, dataFolder: String) throws(Fault) {
    self.dataFolder = dataFolder
    (name, role) = try top.section("node") { section throws(Fault) in (try NodeSettings.name(&section), try section.choice("role", default: .county))
    }
    let address = try top.text("bind", default: bind)
    bind = address
    mediaLoops = try top.number("mediaLoops", default: mediaLoops, in: 1...64)
    rtsp = try top.section("rtsp") { section throws(Fault) in try RTSPSettings(&section, bind: address) }
    rtmp = try top.section("rtmp") { section throws(Fault) in try RTMPSettings(&section, bind: address) }
    web = try top.section("http") { section throws(Fault) in try WebSettings(&section, bind: address) }
    control = try top.section("control") { section throws(Fault) in try ControlSettings(&section, bind: address) }
    access = try top.section("access", AccessSettings.init)
    limits = try top.section("limits", LimitSettings.init)
    hub = try top.section("streams", HubSettings.init)
    archive = try top.section("archive", ArchiveSettings.init)
    workers = try top.section("workers") { section throws(Fault) in
      try DecodePoolSettings(&section, socketPath: dataFolder + "/run/media.sock")
    }
    measuring = try top.section("measure", MeasuringSettings.init)
    devices = try top.sections("devices", RegisteredDevice.init)
    pulls = try top.sections("pulls", RTSPPuller.Source.init)
    uplinks = try top.sections("uplinks", UplinkSettings.init)
    try checkNames()
    for index in pulls.indices { pulls[index].deviceClass = deviceClass(of: pulls[index].name) ?? .highPoint }
  }

  /// Two devices of one name, or of one stream, would be counted as one and called out as the other; two pulls of one stream would fight for its name.
  private func checkNames() throws(Fault) {
    try NodeSettings.checkUnique("devices", "name", devices.map(\.name))
    try NodeSettings.checkUnique("devices", "stream", devices.map(\.stream.path))
    try NodeSettings.checkUnique("pulls", "stream", pulls.map(\.name.path))
    try NodeSettings.checkUnique("uplinks", "name", uplinks.map(\.name))
  }

  private static func checkUnique(_ list: String, _ key: String, _ values: [String]) throws(Fault) {
    var places: [String: Int] = [:]
    for (index, value) in values.enumerated() {
      guard let first = places.updateValue(index, forKey: value) else { continue }
      throw Fault(.configInvalid, "\(list)[\(index)].\(key): \(value) 与 \(list)[\(first)] 重复 | the same as \(list)[\(first)]")
    }
  }

  private static func name(_ section: inout ConfigReader) throws(Fault) -> String {
    let name = try section.text("name", default: "county")
    guard StreamName.isSegment(name) else { throw section.invalid("name", "\(name) is no segment of a stream's name") }
    return name
  }

  /// The TCP ports that the node listens on, as people know them.
  var ports: [(label: String, port: UInt16)] {
    [("RTSP", rtsp.port), ("RTMP", rtmp.port), ("HTTP", web.port), ("控制链路 control", control.port)]
  }

  /// The class of the device that is registered for a stream; nil where none is.
  func deviceClass(of stream: StreamName) -> DeviceClass? { devices.first { $0.stream == stream }?.deviceClass }
}
