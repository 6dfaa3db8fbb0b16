public import Model

/// Everything `firstframe serve` can be told. `Config/firstframe.yaml` shows each key with its default; a test holds the two equal.
public struct Settings: Sendable, Hashable {
  public enum Role: String, Sendable, CaseIterable { case vehicle, county, city, province }
  public enum AccessMode: String, Sendable, CaseIterable { case open, keys }
  public enum SecondPublisher: String, Sendable, CaseIterable { case refuse, takeOver, takeOverWhenSilent }

  public struct Node: Sendable, Hashable {
    public var name = "county"
    public var role = Role.county
  }

  public struct RTSP: Sendable, Hashable {
    public var port = 8554
    public var rtpPorts = 20_000...21_999
  }

  public struct Access: Sendable, Hashable {
    public var mode = AccessMode.open
    public var openAnywhere = false
  }

  public struct Streams: Sendable, Hashable {
    public var takeoverSeconds = 10
    public var secondPublisher = SecondPublisher.takeOverWhenSilent
    public var gopCacheMegabytes = 32
  }

  public struct Archive: Sendable, Hashable {
    public var enabled = true
    public var segmentSeconds = 10
    public var reservePercent = 3
  }

  public struct Workers: Sendable, Hashable {
    public var count = 2
  }

  public struct Measure: Sendable, Hashable {
    /// Off for comparing costs only: sessions then have no figures, and what is judged by them stays undetermined.
    public var enabled = true
    public var samples = true
    public var probes = true
    public var probeMillisecondsPerSecond = 12
    public var fieldProfile = "field-mobile"
    public var fixedProfile = "gb-fixed"
    public var policy = "thirty-minute"
    public var connectionPolicy = "connection"
  }

  public struct Device: Sendable, Hashable {
    public var name: String
    public var stream: StreamName
    public var deviceClass: DeviceClass
    /// The town (乡镇、街道) that the device belongs to; rates are told by it.
    public var town: String?
  }

  public struct Pull: Sendable, Hashable {
    public var stream: StreamName
    public var url: String
  }

  public struct Uplink: Sendable, Hashable {
    public var name: String
    /// `host:port` of the upper centre's control link.
    public var control: String
    /// `rtsp://host:port` that takes the media.
    public var media: String
    /// SHA-256 fingerprint of the upper centre's key, as pairing showed it; empty until paired.
    public var peerKey: String
    /// Globs of the streams that go up.
    public var streams: [String]
  }

  public var node = Node()
  public var bind = "127.0.0.1"
  public var rtsp = RTSP()
  public var rtmpPort = 1935
  public var httpPort = 8080
  public var controlPort = 8555
  public var mediaLoops = 1
  public var access = Access()
  public var streams = Streams()
  public var archive = Archive()
  public var workers = Workers()
  public var measure = Measure()
  public var devices: [Device] = []
  public var pulls: [Pull] = []
  public var uplinks: [Uplink] = []

  public init() {}

  /// Reads a configuration; unknown keys and impossible values are errors that name their path.
  public init(_ node: ConfigNode) throws(Fault) {
    let top = try ConfigReader(node, path: "")
    try readNode(top)
    try readPorts(top)
    try readRooms(top)
    try readLists(top)
    try top.finish()
  }

  private mutating func readNode(_ top: ConfigReader) throws(Fault) {
    let node = try top.section("node")
    self.node.name = try node.text("name", default: self.node.name)
    guard StreamName.isSegment(self.node.name) else { throw node.fail("name", "\(self.node.name) is no segment of a stream's name") }
    self.node.role = try node.choice("role", default: self.node.role)
    try node.finish()
    bind = try top.text("bind", default: bind)
    mediaLoops = try top.number("mediaLoops", default: mediaLoops, in: 1...64)
  }

  private mutating func readPorts(_ top: ConfigReader) throws(Fault) {
    let ports = 0...65_535
    let rtsp = try top.section("rtsp")
    self.rtsp.port = try rtsp.number("port", default: self.rtsp.port, in: ports)
    self.rtsp.rtpPorts = try rtsp.ports("rtpPorts", default: self.rtsp.rtpPorts)
    try rtsp.finish()
    let rtmp = try top.section("rtmp")
    rtmpPort = try rtmp.number("port", default: rtmpPort, in: ports)
    try rtmp.finish()
    let http = try top.section("http")
    httpPort = try http.number("port", default: httpPort, in: ports)
    try http.finish()
    let control = try top.section("control")
    controlPort = try control.number("port", default: controlPort, in: ports)
    try control.finish()
  }

  private mutating func readRooms(_ top: ConfigReader) throws(Fault) {
    let access = try top.section("access")
    self.access.mode = try access.choice("mode", default: self.access.mode)
    self.access.openAnywhere = try access.flag("openAnywhere", default: self.access.openAnywhere)
    try access.finish()
    let streams = try top.section("streams")
    self.streams.takeoverSeconds = try streams.number("takeoverSeconds", default: self.streams.takeoverSeconds, in: 0...3600)
    self.streams.secondPublisher = try streams.choice("secondPublisher", default: self.streams.secondPublisher)
    self.streams.gopCacheMegabytes = try streams.number("gopCacheMegabytes", default: self.streams.gopCacheMegabytes, in: 1...1024)
    try streams.finish()
    let archive = try top.section("archive")
    self.archive.enabled = try archive.flag("enabled", default: self.archive.enabled)
    self.archive.segmentSeconds = try archive.number("segmentSeconds", default: self.archive.segmentSeconds, in: 1...3600)
    self.archive.reservePercent = try archive.number("reservePercent", default: self.archive.reservePercent, in: 0...90)
    try archive.finish()
    let workers = try top.section("workers")
    self.workers.count = try workers.number("count", default: self.workers.count, in: 1...64)
    try workers.finish()
    let measure = try top.section("measure")
    self.measure.enabled = try measure.flag("enabled", default: self.measure.enabled)
    self.measure.samples = try measure.flag("samples", default: self.measure.samples)
    self.measure.probes = try measure.flag("probes", default: self.measure.probes)
    self.measure.probeMillisecondsPerSecond = try measure.number(
      "probeMillisecondsPerSecond", default: self.measure.probeMillisecondsPerSecond, in: 1...10_000)
    self.measure.fieldProfile = try measure.text("fieldProfile", default: self.measure.fieldProfile)
    self.measure.fixedProfile = try measure.text("fixedProfile", default: self.measure.fixedProfile)
    self.measure.policy = try measure.text("policy", default: self.measure.policy)
    self.measure.connectionPolicy = try measure.text("connectionPolicy", default: self.measure.connectionPolicy)
    try measure.finish()
  }

  private mutating func readLists(_ top: ConfigReader) throws(Fault) {
    for entry in try top.sections("devices") {
      let name = try entry.required("name")
      devices.append(
        Device(
          name: name, stream: try entry.name("stream", try entry.text("stream", default: "live/\(name)")),
          deviceClass: try entry.choice("class", default: DeviceClass.soloKit),
          town: try entry.text("town", default: "").nonEmpty))
      try entry.finish()
    }
    for entry in try top.sections("pulls") {
      pulls.append(Pull(stream: try entry.name("stream", try entry.required("stream")), url: try entry.required("url")))
      try entry.finish()
    }
    for entry in try top.sections("uplinks") {
      uplinks.append(
        Uplink(
          name: try entry.required("name"), control: try entry.required("control"), media: try entry.required("media"),
          peerKey: try entry.text("peerKey", default: ""), streams: try entry.texts("streams", default: ["**"])))
      try entry.finish()
    }
  }
}

extension String {
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
