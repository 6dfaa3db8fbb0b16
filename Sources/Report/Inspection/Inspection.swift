public import Measure
public import Model

/// What an inspector needs of one incident, every session of its devices' streams on this node, or of one session alone: from the raw samples to the
/// verdict, with the limits that judged, the events on the same axis, and what could not be judged and why. Made from a data folder alone.
public struct Inspection: Sendable {
  /// One measured session of a stream.
  public struct Session: Sendable {
    /// The head of its sample file.
    public var header: SampleHeader
    /// One a second, in order.
    public var points: [SecondPoint]
    /// Of 60 s each, as they come out again.
    public var windows: [RecomputedWindow]
    /// The body of the profile that judged; nil when none did.
    public var profile: JSON?
    /// What became of its line (连线质量达标率) and why; nil while nothing is known of it.
    public var line: (outcome: String, reasons: [String])?
    /// Hashes of its sample blocks, from the journal.
    public var blocks: [(file: String, index: Int64, sha256: String)]
  }

  /// Something that happened, by a fact.
  public struct Event: Sendable {
    /// From 1, in order of time; the charts' marks bear it.
    public var number: Int
    /// As it stands in the journal.
    public var fact: Fact
    /// What happened, Chinese first.
    public var words: String
  }

  /// Of the incident or the session.
  public let id: String
  /// Nil where one session is inspected.
  public let incident: IncidentOutput?
  /// That wrote the journal.
  public let node: String
  /// The kernel's id of the boot that everything here lies in: one axis of time.
  public let boot: String
  /// t1, or the session's start, on the node's boot clock.
  public let begin: BootTime
  /// When the incident was closed, else the newest fact; of a session its last second.
  public let end: BootTime
  /// By stream, then by their starts.
  public let sessions: [Session]
  /// Sessions of the same streams that belong to other boots of the node: they are on no common axis, and have pages of their own.
  public let elsewhere: [String]
  /// In order of time.
  public let events: [Event]
  /// The newest statement of the clock's state before the end; nil when there is none.
  public let clockState: Fact?
  /// What was published and does not come out again.
  public let differences: [Difference]
  /// What is damaged in the data folder, in words.
  public let problems: [String]

  /// Facts that are drawn on the axis, and their words.
  private static let drawn: [String: String] = [
    FactKind.incidentOpened: "接报 opened", FactKind.incidentCalledOut: "指令下达 called out", FactKind.incidentAcknowledged: "应答 acknowledged",
    FactKind.incidentOnScene: "到场 on scene",
    FactKind.incidentClosed: "结束 closed", FactKind.incidentWarning: "超时预警 warning", FactKind.incidentMissed: "超过时限 missed",
    FactKind.streamStarted: "流开始 stream started",
    FactKind.streamResumed: "流恢复 resumed", FactKind.streamInterrupted: "流中断 interrupted", FactKind.streamEnded: "流结束 ended",
    FactKind.streamGap: "缺口 gap",
    FactKind.streamFirstPacket: "首包 first packet", FactKind.streamFirstKeyframe: "首个关键帧 first key frame", FactKind.pictureDecoded: "县中心首图 decoded",
    FactKind.pictureRefused: "画面未计入 picture refused", FactKind.receiptReceived: "省中心回执 receipt", FactKind.receiptRefused: "回执未计入 receipt refused",
    FactKind.linkUp: "上级链路接通 link up",
    FactKind.linkDown: "上级链路断开 link down", FactKind.clockStep: "墙上时钟跳变 clock step", FactKind.pictureShown: "大厅已显示 shown",
  ]

  /// - Parameter id: of an incident or of a session; nil takes the newest incident.
  /// - Throws: ``FaultCode/incidentUnknown``.
  public init(_ id: String?, of folder: RecomputedFolder) throws(Fault) {
    let wanted = id ?? folder.facts.last { $0.kind == FactKind.incidentOpened }?.incident
    if let opened = folder.facts.first(where: { $0.kind == FactKind.incidentOpened && $0.incident == wanted }),
      let figures = folder.recomputation.incidents.first(where: { $0.id == wanted })
    {
      let incident = IncidentOutput(figures)
      let facts = folder.facts.filter { $0.boot == opened.boot }
      let closed = facts.last { $0.kind == FactKind.incidentClosed && $0.incident == incident.id }?.bootTime
      let end = max(closed ?? facts.last?.bootTime ?? opened.bootTime, opened.bootTime + .seconds(1))
      let scope = Scope(streams: Set(incident.devices.map(\.stream)), session: nil, boot: opened.boot, begin: opened.bootTime, end: end)
      self.init(incident.id, incident, opened.node, scope, folder)
    } else if let session = folder.sessions.first(where: { $0.header.session == wanted }) {
      let header = session.header
      let end = max(SecondPoint.points(of: session).last?.to ?? header.started, header.started + .seconds(1))
      let scope = Scope(streams: [header.stream.path], session: header.session, boot: header.boot, begin: header.started, end: end)
      self.init(header.session, nil, header.node, scope, folder)
    } else {
      throw Fault(.incidentUnknown, id ?? "")
    }
  }

  /// What is looked at.
  private struct Scope {
    var streams: Set<String>
    /// Nil is all of them.
    var session: String?
    var boot: String
    var begin: BootTime
    var end: BootTime
  }

  private init(_ id: String, _ incident: IncidentOutput?, _ node: String, _ scope: Scope, _ folder: RecomputedFolder) {
    self.id = id
    self.incident = incident
    self.node = node
    (boot, begin, end) = (scope.boot, scope.begin, scope.end)
    let all = folder.sessions.filter { scope.streams.contains($0.header.stream.path) }
    sessions = all.filter { $0.header.boot == scope.boot && (scope.session == nil || $0.header.session == scope.session) }
      .map { Inspection.session($0, folder) }
      .filter { session in
        scope.session != nil || session.points.contains { $0.to >= scope.begin && $0.from <= scope.end }
          || session.windows.contains { $0.window.to >= scope.begin && $0.window.from <= scope.end }
      }
      .sorted { ($0.header.stream.path, $0.header.started) < ($1.header.stream.path, $1.header.started) }
    elsewhere = scope.session == nil ? all.filter { $0.header.boot != scope.boot }.map(\.header.session).sorted() : []
    let own = folder.facts.filter { $0.boot == scope.boot && $0.bootTime <= scope.end }
    clockState = own.last { $0.kind == FactKind.clockState }
    events = own.filter { $0.bootTime >= scope.begin && Inspection.concerns($0, incident?.id, scope.streams) }.enumerated()
      .compactMap { index, fact in Inspection.drawn[fact.kind].map { Event(number: index + 1, fact: fact, words: $0) } }
    let names = Set(sessions.map(\.header.session))
    differences = folder.recomputation.differences.filter { difference in
      difference.subject == id || names.contains { difference.subject.hasSuffix($0) }
    }
    problems = folder.problems.map { "\($0)" }
  }

  /// - Parameter incident: nil where no incident is looked at, and then those of the streams' devices are of no interest.
  private static func concerns(_ fact: Fact, _ incident: String?, _ streams: Set<String>) -> Bool {
    guard drawn[fact.kind] != nil else { return false }
    if let named = fact.incident, incident != nil || fact.stream == nil { return named == incident }
    if let stream = fact.stream { return streams.contains(stream) }
    return fact.kind.hasPrefix("link.") || fact.kind.hasPrefix("clock.")
  }

  private static func session(_ session: Recomputation.Session, _ folder: RecomputedFolder) -> Session {
    let name = session.header.session
    let windows = folder.recomputation.windows.filter { $0.window.session == name }
    let hash = windows.lazy.compactMap { $0.profile?.sha256 }.first
    let profile = folder.facts.lazy.compactMap { ProfileEmbeddedFact($0)?.rule }.first { $0.sha256 == hash }
    let blocks = folder.facts.compactMap { SamplesBlockFact($0) }.filter { $0.session == name }
      .compactMap { block in block.sha256.map { (block.file, block.index, $0) } }
    return Session(
      header: session.header, points: SecondPoint.points(of: session), windows: windows, profile: profile?.body,
      line: folder.recomputation.rates.quality.line(of: name), blocks: blocks)
  }

  /// Of the incident; of a session its line's, where that is settled.
  public var verdict: Verdict {
    incident?.verdict ?? sessions.first?.line.flatMap { Verdict(rawValue: $0.outcome) } ?? .undetermined
  }

  /// Seconds since the beginning.
  func since(_ time: BootTime) -> Double { Double((time - begin).value) / 1e9 }
}
