public import Model

/// The server's side of one RTSP connection (RFC 2326 §A.2), for publishers and readers, over TCP and UDP. No I/O: requests and answers
/// go in, ``Effect``s come out, and the shell does them in order.
///
/// While a question is open, further requests wait in a short queue, so pipelining clients are answered in order.
public struct RTSPServerState: Sendable {
  /// What a server says and allows; the same for all its connections.
  public struct Configuration: Sendable {
    /// The `Server` header's value.
    public var server = "FirstFrame"
    /// Seconds of silence that end a session; the client learns it.
    public var timeoutSeconds = 60
    /// How long a connection may stay without a session.
    public var idleSeconds = 30
    /// Whether SETUP may ask for UDP.
    public var allowsUDP = true
    /// Whether SETUP may ask for interleaving.
    public var allowsTCP = true
    /// Of the challenges.
    public var realm = DigestAuthentication.realm
    /// Basic is offered beside Digest.
    public var offersBasic = true

    public init() {}
  }

  /// RFC 2326 §A.2's states, with those before the first SETUP kept apart.
  public enum Phase: Hashable, Sendable { case initial, announced, described, ready, recording, playing, closed }
  /// What the client does; the first request of either kind decides.
  public enum Role: Hashable, Sendable { case publish, read }

  /// As given.
  public let configuration: Configuration
  /// The `Session` header's value, from the first SETUP on.
  public let sessionID: String
  /// Of the Digest challenges; random, one for each connection, so no answer can be replayed on another.
  public let nonce: String
  /// How far the exchange has come.
  public internal(set) var phase = Phase.initial
  /// Nil before ANNOUNCE, DESCRIBE or SETUP.
  public internal(set) var role: Role?
  /// Nil while none is asked for.
  public internal(set) var stream: StreamName?
  /// The media that are set up.
  public internal(set) var setUps: [RTSPTrackSetUp] = []
  /// When the client was last seen, in requests, media or RTCP.
  public internal(set) var lastActivity: BootTime

  enum Awaiting {
    case nothing
    case authorisation(RTSPRequest, RTSPURL, RTSPAuthorisation)
    case description(RTSPRequest, RTSPURL)
    case ports(RTSPRequest, RTSPTrackSetUp, RTSPTransport)
    case start(RTSPRequest)
  }

  var awaiting = Awaiting.nothing
  var waiting: [RTSPRequest] = []
  /// The address under which the stream was announced or described.
  var base: RTSPURL?
  var allowed: Set<Allowance> = []
  var refusals = 0
  var description = SessionDescription()
  var announcedTracks: [SDPTrack] = []
  var trackCount = 0
  var isPaused = false

  struct Allowance: Hashable {
    var action: RTSPAuthorisation.Action
    var stream: StreamName
  }

  static let maximumWaiting = 16
  static let maximumRefusals = 5
  static let methods = "OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, PAUSE, RECORD, GET_PARAMETER, SET_PARAMETER, TEARDOWN"

  /// - Parameter now: a connection that does nothing is closed ``Configuration/idleSeconds`` later.
  public init(sessionID: String, nonce: String, configuration: Configuration = Configuration(), at now: BootTime) {
    self.sessionID = sessionID
    self.nonce = nonce
    self.configuration = configuration
    lastActivity = now
  }

  // MARK: Time

  /// Media, RTCP or anything else came from the peer.
  public mutating func touch(at now: BootTime) { lastActivity = max(lastActivity, now) }

  /// When silence ends the session. Nil for a reader over TCP: its connection shows when it is gone, and many players send no keep-alive.
  public var deadline: BootTime? {
    switch phase {
    case .closed: nil
    case .playing where setUps.allSatisfy { $0.path.isInterleaved }: nil
    case .initial, .announced, .described:
      isWaitingForOthers ? nil : lastActivity + .seconds(Int64(configuration.idleSeconds))
    case .ready, .recording, .playing: lastActivity + .seconds(Int64(configuration.timeoutSeconds))
    }
  }

  /// A reader that waits for a publisher is not idle.
  private var isWaitingForOthers: Bool { if case .nothing = awaiting { false } else { true } }

  /// Ends the session when its deadline has passed; otherwise nothing.
  public mutating func timedOut(at now: BootTime) -> [Effect] {
    guard let deadline, now >= deadline else { return [] }
    return end(Fault(.rtspTimeout, stream?.path ?? "")) + [.close]
  }

  /// The peer closed the connection, it broke, or we end it.
  public mutating func connectionClosed(_ reason: Fault) -> [Effect] { phase == .closed ? [] : end(reason) }

  mutating func end(_ fault: Fault?) -> [Effect] {
    let hadMedia = !setUps.isEmpty
    phase = .closed
    awaiting = .nothing
    waiting = []
    setUps = []
    return hadMedia ? [.stop(fault)] : []
  }

  // MARK: Requests

  /// Answers a request, or puts it behind the question that is open.
  public mutating func handle(_ request: RTSPRequest, at now: BootTime) -> [Effect] {
    touch(at: now)
    guard phase != .closed else { return [] }
    guard case .nothing = awaiting else {
      guard waiting.count < RTSPServerState.maximumWaiting else {
        return end(Fault(.rtspMalformed, "more than \(RTSPServerState.maximumWaiting) requests at once")) + [.close]
      }
      waiting.append(request)
      return []
    }
    return process(request)
  }

  /// Bytes came that are no RTSP: the answer, and the end.
  public mutating func failed(_ error: RTSPDecodingError) -> [Effect] {
    guard phase != .closed else { return [] }
    let response = RTSPResponse(error.status, headers: ["Server": configuration.server])
    return [.note(error.fault), .respond(response)] + end(error.fault) + [.close]
  }

  /// After an answer: the requests that waited for it.
  mutating func resume(_ effects: [Effect]) -> [Effect] {
    var effects = effects
    while case .nothing = awaiting, phase != .closed, !waiting.isEmpty { effects += process(waiting.removeFirst()) }
    return effects
  }

  private mutating func process(_ request: RTSPRequest) -> [Effect] {
    guard request.cseq != nil else { return [answer(request, .badRequest)] }
    if let required = request.headers["Require"] {
      return [answer(request, .optionNotSupported, ["Unsupported": required])]
    }
    if let header = request.headers["Session"], RTSPSessionHeader(header)?.id != sessionID || setUps.isEmpty {
      return [answer(request, .sessionNotFound)]
    }
    switch request.method {
    case .options: return [answer(request, .ok, ["Public": RTSPServerState.methods])]
    case .announce: return announce(request)
    case .describe: return describe(request)
    case .setup: return setUp(request)
    case .record: return record(request)
    case .play: return play(request)
    case .pause: return pause(request)
    case .teardown: return tearDown(request)
    case .getParameter: return [answer(request, .ok)]
    // Nothing can be set; an empty one is a keep-alive.
    case .setParameter: return [answer(request, request.body.isEmpty ? .ok : .parameterNotUnderstood)]
    case .redirect: return [answer(request, .methodNotAllowed, ["Allow": RTSPServerState.methods])]
    case .unknown: return [answer(request, .notImplemented, ["Public": RTSPServerState.methods])]
    }
  }

  private mutating func tearDown(_ request: RTSPRequest) -> [Effect] {
    guard !setUps.isEmpty else { return [answer(request, .sessionNotFound)] }
    let response = answer(request, .ok)
    return end(nil) + [response, .close]
  }

  // MARK: Responses

  /// A response with what each carries: CSeq, server, session.
  func answer(_ request: RTSPRequest, _ status: RTSPStatus, _ headers: RTSPHeaders = [:], body: [UInt8] = []) -> Effect {
    var all = RTSPHeaders()
    if let cseq = request.headers["CSeq"] { all.add("CSeq", trimmed(cseq)) }
    all.add("Server", configuration.server)
    if !setUps.isEmpty { all.add("Session", RTSPSessionHeader(id: sessionID, timeoutSeconds: configuration.timeoutSeconds).text) }
    for field in headers.fields { all.add(field.name, field.value) }
    if status == .methodNotValidInThisState { all.add("Allow", RTSPServerState.methods) }
    return .respond(RTSPResponse(status, headers: all, body: body))
  }

  /// A refusal and the fault's code, which a device's log may keep.
  func answer(_ request: RTSPRequest, _ fault: Fault) -> [Effect] {
    [.note(fault), answer(request, RTSPStatus.reporting(fault), ["X-Fault": fault.code.rawValue])]
  }
}
