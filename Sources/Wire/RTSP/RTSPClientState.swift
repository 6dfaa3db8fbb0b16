public import Model

/// The client's side of one RTSP connection: pulls a camera (OPTIONS, DESCRIBE, SETUP…, PLAY) or pushes a stream (OPTIONS, ANNOUNCE,
/// SETUP…, RECORD). No I/O: responses and answers go in, ``Effect``s come out. One request is under way at a time.
public struct RTSPClientState: Sendable {
  /// Which way media goes.
  public enum Role: Hashable, Sendable {
    case pull
    /// With the description that ANNOUNCE carries, each track's control in its payload.
    case push(sdp: String, tracks: [SDPTrack])
  }

  /// What one connection is for.
  public struct Configuration: Sendable {
    /// Of the stream. A redirection ends the session; whoever holds the connection judges where it leads.
    public var url: RTSPURL
    /// Pull or push.
    public var role: Role
    /// Nil: those of the address.
    public var user: String?
    /// Never written to logs or faults.
    public var password: String?
    /// In order of preference; the next is tried when the server answers 461 to the first SETUP.
    public var transports: [RTSPTransport.LowerTransport] = [.tcp, .udp]
    /// Whether GET_PARAMETER may keep the session alive, where the server says that it knows it; else OPTIONS does.
    public var usesGetParameter = true
    /// The `User-Agent` header's value.
    public var userAgent = "FirstFrame"
    /// Random text for Digest with `qop=auth`.
    public var clientNonce: String

    public init(url: RTSPURL, role: Role, clientNonce: String) {
      self.url = url
      self.role = role
      self.clientNonce = clientNonce
      user = url.user
      password = url.password
    }
  }

  /// What the connection must do, in order.
  public enum Effect: Hashable, Sendable {
    /// Write it; its response goes to ``RTSPClientState/handle(_:)``.
    case send(RTSPRequest)
    /// Write it: the answer to a request of the server's.
    case respond(RTSPResponse)
    /// What the camera has; said once, before the first SETUP. Media may come as soon as ``established(_:)`` says how.
    case described([SDPTrack], SessionDescription)
    /// A pair of UDP ports for one media: answer with ``RTSPClientState/portsAllocated(_:)``, or close.
    case allocatePorts(media: Int)
    /// One media is set up: its packets may come, or go, by this path. Said for each before ``established(_:)``.
    case trackReady(RTSPTrackSetUp)
    /// Media flows.
    case established(RTSPEstablished)
    /// The camera wants to be asked elsewhere; close. `isProxy`: 305, for the same stream by way of that server. The location is as it came, and may
    /// hold a password.
    case redirected(location: String, isProxy: Bool)
    /// Something was not as it ought to be and does not matter; to be counted.
    case repaired(RTSPRepairs)
    /// It will not work; close. The detail never holds the password.
    case failed(Fault)
  }

  /// The request under way, or what follows it.
  public enum Phase: Hashable, Sendable { case idle, options, describe, announce, setUp, start, established, tearDown, closed }

  /// As given; the address is where it connects to.
  public internal(set) var configuration: Configuration
  /// How far the exchange has come.
  public internal(set) var phase = Phase.idle
  /// The media that are set up so far.
  public internal(set) var setUps: [RTSPTrackSetUp] = []
  /// The ways back to the camera's loudspeaker that it describes. Never set up by a pull.
  public internal(set) var backChannels: [SDPBackChannel] = []
  /// What the server's SETUP answers said; sent back in each request.
  public internal(set) var session: RTSPSessionHeader?

  var cseq = 0
  /// The request under way, and how often it was challenged.
  var pending: RTSPRequest?
  var challenges = 0
  var authentication = RTSPClientAuthentication()
  /// Whether the server says that it knows GET_PARAMETER.
  var hasGetParameter = false
  /// How the session is kept alive: by GET_PARAMETER where the server has it, and by the other way when one is refused or not answered.
  var keepAliveMethod = RTSPMethod.options
  var base: String
  var tracks: [SDPTrack] = []
  var description = SessionDescription()
  /// Position in ``tracks`` of the SETUP under way.
  var current = 0
  /// Position in the configuration's transports.
  var transport = 0
  /// What the SETUP under way asked for.
  var asked: RTSPTransport?

  /// Nothing is sent before ``start()``.
  public init(_ configuration: Configuration) {
    self.configuration = configuration
    base = configuration.url.text
  }

  /// Whether media goes to the server.
  public var isPush: Bool { if case .push = configuration.role { true } else { false } }

  /// How often ``keepAlive()`` is due: half the session's timeout, from 1 to 30 seconds.
  public var keepAliveInterval: Nanoseconds { .seconds(Int64(max(1, min(30, (session?.timeoutSeconds ?? 60) / 2)))) }
  /// Whether media flows: from then on no answer is waited for, and none ends the session. Liveness is that of the media.
  public var isEstablished: Bool { phase == .established }
  /// The method of the request that is not answered yet; nil without one.
  public var pendingMethod: RTSPMethod? { pending?.method }

  // MARK: Inputs

  /// The first request; empty when it was sent already.
  public mutating func start() -> [Effect] {
    guard phase == .idle else { return [] }
    phase = .options
    return [send(.options, base)]
  }

  /// A request that keeps the session alive, and with it what is to be counted: the one before was not answered. Empty unless media flows.
  public mutating func keepAlive() -> [Effect] {
    guard phase == .established else { return [] }
    challenges = 0
    guard pending != nil else { return [send(keepAliveMethod, base)] }
    turnKeepAlive()
    return [.repaired(.keepAlive), send(keepAliveMethod, base)]
  }

  /// Ends the session. The connection may be closed once it is written.
  public mutating func tearDown() -> [Effect] {
    guard !setUps.isEmpty, phase != .closed else {
      phase = .closed
      return []
    }
    phase = .tearDown
    return [send(.teardown, base)]
  }

  /// A request of the server's: keep-alives are answered, a redirection is taken, anything else is refused.
  public mutating func handle(_ request: RTSPRequest) -> [Effect] {
    var headers = RTSPHeaders()
    if let cseq = request.headers["CSeq"] { headers.add("CSeq", trimmed(cseq)) }
    switch request.method {
    case .options, .getParameter, .setParameter: return [.respond(RTSPResponse(.ok, headers: headers))]
    case .redirect where phase == .established && !isPush:
      phase = .closed
      return [.respond(RTSPResponse(.ok, headers: headers)), .redirected(location: request.headers["Location"] ?? "", isProxy: false)]
    default: return [.respond(RTSPResponse(.notImplemented, headers: headers))]
    }
  }

  /// The answer to the request under way; one to another request is passed over.
  public mutating func handle(_ response: RTSPResponse) -> [Effect] {
    guard let request = pending, response.cseq == nil || response.cseq == request.cseq, response.status.code >= 200 else { return [] }
    if response.status == .unauthorized { return challenged(request, response) }
    pending = nil
    challenges = 0
    if let header = response.headers["Session"].flatMap(RTSPSessionHeader.init) {
      session = RTSPSessionHeader(id: header.id, timeoutSeconds: header.timeoutSeconds ?? session?.timeoutSeconds)
    }
    if response.status.isRedirection, phase != .established, phase != .tearDown { return redirected(request, response) }
    switch phase {
    case .options: return optionsAnswered(response)
    case .describe: return response.status.isSuccess ? described(response) : fail(request, response)
    case .announce: return response.status.isSuccess ? setUpNext() : fail(request, response)
    case .setUp: return setUpAnswered(request, response)
    case .start: return response.status.isSuccess ? started(response) : fail(request, response)
    case .established: return keepAliveAnswered(response)
    case .tearDown:
      phase = .closed
      return []
    case .idle, .closed: return []
    }
  }

  // MARK: Requests and failures

  mutating func send(_ method: RTSPMethod, _ uri: String, _ headers: RTSPHeaders = [:], body: [UInt8] = []) -> Effect {
    cseq += 1
    var all: RTSPHeaders = ["CSeq": "\(cseq)", "User-Agent": configuration.userAgent]
    if let session { all.add("Session", session.id) }
    if let authorization = authentication.authorization(configuration, method, uri, body: body) { all.add("Authorization", authorization) }
    for field in headers.fields { all.add(field.name, field.value) }
    let request = RTSPRequest(method, uri, headers: all, body: body)
    pending = request
    return .send(request)
  }

  private mutating func challenged(_ request: RTSPRequest, _ response: RTSPResponse) -> [Effect] {
    let url = configuration.url.text
    guard configuration.user != nil else { return refused(Fault(.credentialsMissing, url)) }
    let isStale: Bool
    switch authentication.receive(challenges: response.headers.all("WWW-Authenticate")) {
    case .unanswerable(let offered) where !offered.isEmpty: return refused(Fault(.authenticationUnsupported, "\(url): \(offered)"))
    case .unanswerable: return refused(Fault(.credentialsWrong, "\(url): 401 without a challenge"))
    case .answerable(let stale): isStale = stale
    }
    // Some cameras change their nonce with each request and never say stale: the first challenge to a request is always answered.
    guard challenges == 0 || (isStale && challenges < 3) else { return refused(Fault(.credentialsWrong, url)) }
    challenges += 1
    var headers = request.headers
    for name in ["CSeq", "User-Agent", "Session", "Authorization"] { headers[name] = nil }
    return [send(request.method, request.uri, headers, body: request.body)]
  }

  /// A challenge that is not answered: the end, but for a keep-alive.
  private mutating func refused(_ fault: Fault) -> [Effect] {
    guard phase == .established || phase == .tearDown else { return fail(fault) }
    return keepAliveRefused()
  }

  private mutating func redirected(_ request: RTSPRequest, _ response: RTSPResponse) -> [Effect] {
    let location = response.headers["Location"] ?? ""
    guard !isPush else {
      let target = RTSPServerState.clipped(RTSPURL(location)?.text ?? "")
      return fail(Fault(failure, "\(request.method): \(response.status.code), refused to follow it to \(target)"))
    }
    phase = .closed
    return [.redirected(location: location, isProxy: response.status == .useProxy)]
  }

  /// Whose fault it is when nothing better is known.
  var failure: FaultCode { isPush ? .peerUnreachable : .pullFailed }

  mutating func fail(_ fault: Fault) -> [Effect] {
    phase = .closed
    pending = nil
    return [.failed(fault)]
  }

  mutating func fail(_ request: RTSPRequest, _ response: RTSPResponse) -> [Effect] {
    let detail = "\(request.method) \(configuration.url.text): \(response.status.code) \(RTSPServerState.clipped(response.reason))"
    // One of our own nodes says which failure it is; a camera's word for it is not asked for.
    if isPush, let code = response.headers["X-Fault"].flatMap({ FaultCode(rawValue: trimmed($0)) }) { return fail(Fault(code, detail)) }
    switch response.status {
    case .forbidden: return fail(Fault(.accessDenied, detail))
    case .notFound: return fail(Fault(.streamUnknown, detail))
    case .conflict: return fail(Fault(.streamBusy, detail))
    case .unsupportedMediaType: return fail(Fault(.codecUnsupported, detail))
    case .unsupportedTransport: return fail(Fault(.transportUnsupported, detail))
    default: return fail(Fault(failure, detail))
    }
  }
}
