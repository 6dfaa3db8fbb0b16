public import Measure
public import Model

/// What an inspector needs of one incident: every session of its devices' streams on this node, from the raw samples to the verdict, with the limits
/// that judged, the events on the same axis, and what could not be judged and why. Made from a data folder alone.
public struct Inspection: Sendable {
  public struct Session: Sendable {
    public var header: SampleHeader
    public var points: [SecondPoint]
    public var windows: [RecomputedWindow]
    /// The body of the profile that judged; nil when none did.
    public var profile: JSON?
    /// Hashes of its sample blocks, from the journal.
    public var blocks: [(file: String, index: Int64, sha256: String)]
  }

  /// Something that happened, as a fact tells it.
  public struct Event: Sendable {
    public var number: Int
    public var fact: Fact
    public var words: String
  }

  public let incident: IncidentOutput
  public let node: String
  public let boot: String
  /// t1 on the node's boot clock.
  public let begin: BootTime
  public let end: BootTime
  public let sessions: [Session]
  public let events: [Event]
  public let differences: [Difference]
  public let problems: [String]

  /// Facts that are drawn on the axis, and their words.
  private static let drawn: [String: String] = [
    "incident.opened": "接报 opened", "incident.calledOut": "指令下达 called out", "incident.acknowledged": "应答 acknowledged",
    "incident.onScene": "到场 on scene",
    "incident.closed": "结束 closed", "incident.warning": "超时预警 warning", "incident.missed": "超过时限 missed", "stream.started": "流开始 stream started",
    "stream.resumed": "流恢复 resumed", "stream.interrupted": "流中断 interrupted", "stream.ended": "流结束 ended", "stream.gap": "缺口 gap",
    "stream.firstPacket": "首包 first packet", "stream.firstKeyframe": "首个关键帧 first key frame", "picture.decoded": "县中心首图 decoded",
    "picture.refused": "画面未计入 picture refused", "receipt.received": "省中心回执 receipt", "receipt.refused": "回执未计入 receipt refused",
    "link.up": "上级链路接通 link up",
    "link.down": "上级链路断开 link down", "clock.step": "墙上时钟跳变 clock step", "picture.shown": "大厅已显示 shown",
  ]

  /// Throws ``FaultCode/incidentUnknown``. `id` nil takes the newest.
  public init(_ id: String?, of folder: RecomputedFolder) throws(Fault) {
    let wanted = id ?? folder.facts.last { $0.kind == FactKind.incidentOpened }?["incident"]?.stringValue
    guard let wanted, let opened = folder.facts.first(where: { $0.kind == FactKind.incidentOpened && $0["incident"]?.stringValue == wanted }),
      let figures = folder.recomputation.incidents.first(where: { $0.id == wanted })
    else { throw Fault(.incidentUnknown, id ?? "") }
    incident = IncidentOutput(figures)
    (node, boot, begin) = (opened.node, opened.boot, opened.bootTime)
    let streams = Set(incident.devices.map(\.stream))
    let own = folder.facts.filter { Inspection.concerns($0, wanted, streams) && $0.boot == opened.boot }
    let closed = own.last { $0.kind == FactKind.incidentClosed }?.bootTime
    let last = folder.facts.last { $0.boot == opened.boot }?.bootTime ?? opened.bootTime
    end = max(closed ?? last, opened.bootTime + .seconds(1))
    let (from, until) = (opened.bootTime, end)
    sessions = folder.sessions
      .filter { $0.header.boot == opened.boot && streams.contains($0.header.stream.path) }
      .map { Inspection.session($0, folder) }
      .filter { session in
        session.points.contains { $0.to >= from && $0.from <= until } || session.windows.contains { $0.window.to >= from && $0.window.from <= until }
      }
      .sorted { ($0.header.stream.path, $0.header.started) < ($1.header.stream.path, $1.header.started) }
    events = own.filter { $0.bootTime >= from && $0.bootTime <= until }.enumerated().compactMap { index, fact in
      Inspection.drawn[fact.kind].map { Event(number: index + 1, fact: fact, words: $0) }
    }
    let names = Set(sessions.map(\.header.session))
    differences = folder.recomputation.differences.filter { difference in
      difference.subject == wanted || names.contains { difference.subject.hasSuffix($0) }
    }
    problems = folder.problems.map { "\($0)" }
  }

  private static func concerns(_ fact: Fact, _ incident: String, _ streams: Set<String>) -> Bool {
    guard drawn[fact.kind] != nil else { return false }
    if let named = fact["incident"]?.stringValue { return named == incident }
    if let stream = fact["stream"]?.stringValue { return streams.contains(stream) }
    return fact.kind.hasPrefix("link.") || fact.kind.hasPrefix("clock.")
  }

  private static func session(_ session: Recomputation.Session, _ folder: RecomputedFolder) -> Session {
    let name = session.header.session
    let windows = folder.recomputation.windows.filter { $0.window.session == name }
    let hash = windows.lazy.compactMap { $0.profile?.sha256 }.first
    let profile = folder.facts.first { $0.kind == FactKind.profileEmbedded && $0["sha256"]?.stringValue == hash }
    let blocks = folder.facts.filter { $0.kind == FactKind.samplesBlock && $0["session"]?.stringValue == name }.compactMap { fact in
      fact["sha256"]?.stringValue.map { (fact["file"]?.stringValue ?? "", fact["index"]?.intValue ?? 0, $0) }
    }
    return Session(header: session.header, points: SecondPoint.points(of: session), windows: windows, profile: profile?["body"], blocks: blocks)
  }

  /// Seconds since t1.
  func since(_ time: BootTime) -> Double { Double((time - begin).value) / 1e9 }
}
