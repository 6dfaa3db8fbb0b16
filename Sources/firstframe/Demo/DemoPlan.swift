internal import Foundation
internal import Model

/// The cast of the demo: two nodes, four devices, and the ports and folders they use.
struct DemoPlan {
  struct Device {
    var name: String
    var deviceClass: DeviceClass
    var stream: String
    var mediaProtocol: String
    var pattern: String
    /// Four encoders share this machine with two centres: the costliest picture is the smallest.
    var size = "1280x720"
    /// Seconds after the incident was opened until this device is on the air.
    var onAirAfter: Int
  }

  struct Node {
    var name: String
    var role: String
    var folder: String
    var rtsp: Int
    var rtmp: Int
    var http: Int
    var control: Int
    var api: String { "http://127.0.0.1:\(http)" }
  }

  let folder: String
  let province: Node
  let county: Node
  let cameraPort: Int
  let devices = [
    Device(name: "solo01", deviceClass: .soloKit, stream: "live/solo01", mediaProtocol: "rtmp", pattern: "ball", onAirAfter: 1),
    Device(name: "body01", deviceClass: .bodycam, stream: "live/body01", mediaProtocol: "rtsp/tcp", pattern: "bars", onAirAfter: 2),
    Device(name: "drone01", deviceClass: .drone, stream: "live/drone01", mediaProtocol: "rtsp/udp", pattern: "chequers", onAirAfter: 3),
    Device(
      name: "tower01", deviceClass: .highPoint, stream: "live/tower01", mediaProtocol: "rtsp/tcp", pattern: "pinwheel", size: "640x360",
      onAirAfter: 0),
  ]
  /// The device that is killed and comes back.
  let interrupted = "body01"

  init(folder: String) throws {
    self.folder = folder
    let ports = try FreePorts.find(9)
    province = Node(
      name: "zhejiang", role: "province", folder: "\(folder)/province", rtsp: ports[0], rtmp: ports[1], http: ports[2], control: ports[3])
    county = Node(name: "deqing", role: "county", folder: "\(folder)/county", rtsp: ports[4], rtmp: ports[5], http: ports[6], control: ports[7])
    cameraPort = ports[8]
    for path in [province.folder, county.folder, logs] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
  }

  var logs: String { "\(folder)/logs" }

  /// Where a device sends; the tower is pulled instead.
  func target(_ device: Device) -> String {
    switch device.mediaProtocol {
    case "rtmp": "rtmp://127.0.0.1:\(county.rtmp)/\(device.stream)"
    default: "rtsp://127.0.0.1:\(county.rtsp)/\(device.stream)"
    }
  }

  /// A node's configuration; JSON is YAML.
  func configuration(of node: Node) -> JSON {
    var settings: [String: JSON] = [
      "node": ["name": .string(node.name), "role": .string(node.role)],
      "rtsp": ["port": .int(Int64(node.rtsp)), "rtpPorts": .string(rtpPorts(node))],
      "rtmp": ["port": .int(Int64(node.rtmp))], "http": ["port": .int(Int64(node.http))], "control": ["port": .int(Int64(node.control))],
    ]
    guard node.role == "county" else { return .object(settings) }
    settings["devices"] = .array(
      devices.map { ["name": .string($0.name), "stream": .string($0.stream), "class": .string($0.deviceClass.rawValue)] })
    settings["pulls"] = [["stream": "live/tower01", "url": .string("rtsp://127.0.0.1:\(cameraPort)/tower01")]]
    settings["uplinks"] = [
      [
        "name": .string(province.name), "control": .string("127.0.0.1:\(province.control)"),
        "media": .string("rtsp://127.0.0.1:\(province.rtsp)"), "streams": ["live/**"],
      ]
    ]
    return .object(settings)
  }

  private func rtpPorts(_ node: Node) -> String { node.role == "county" ? "22000-22999" : "23000-23999" }
}
