public import Model

/// Who may: the question, and both answers.
extension RTSPServerState {
  /// Goes on when this connection was allowed the same before; else asks, or challenges a Digest answer that is not to our nonce.
  mutating func authorise(_ request: RTSPRequest, _ url: RTSPURL, _ action: RTSPAuthorisation.Action) -> [Effect] {
    guard let stream = url.streamName else { return answer(request, Fault(.streamNameInvalid, RTSPServerState.clipped(url.path))) }
    if allowed.contains(Allowance(action: action, stream: stream)) { return proceed(request, url) }
    let credentials = RTSPCredentials(authorization: request.headers["Authorization"])
    if case .digest(let fields) = credentials, fields.nonce != nonce || fields.realm != configuration.realm {
      return [challenge(request, isStale: true)]
    }
    let question = RTSPAuthorisation(
      action: action, stream: stream, credentials: credentials, method: request.method, key: url.queryValue("key"))
    awaiting = .authorisation(request, url, question)
    return [.authorise(question)]
  }

  /// Answers ``Effect/authorise(_:)``.
  public mutating func authorised(at now: BootTime) -> [Effect] {
    guard case .authorisation(let request, let url, let question) = awaiting else { return [] }
    awaiting = .nothing
    allowed.insert(Allowance(action: question.action, stream: question.stream))
    return resume(proceed(request, url))
  }

  /// Answers any question with no; ``RTSPStatus/reporting(_:)`` says what the client gets.
  public mutating func refused(_ fault: Fault, at now: BootTime) -> [Effect] {
    let request: RTSPRequest
    switch awaiting {
    case .nothing: return []
    case .authorisation(let waiting, _, _):
      awaiting = .nothing
      return resume(refuseAccess(waiting, fault))
    case .description(let waiting, _), .ports(let waiting, _, _), .start(let waiting): request = waiting
    }
    awaiting = .nothing
    return resume([answer(request, RTSPStatus.reporting(fault), ["X-Fault": fault.code.rawValue])])
  }

  private mutating func refuseAccess(_ request: RTSPRequest, _ fault: Fault) -> [Effect] {
    switch fault.code {
    case .credentialsMissing: return [challenge(request, isStale: false)]
    case .credentialsWrong:
      refusals += 1
      let response = challenge(request, isStale: false)
      return refusals < RTSPServerState.maximumRefusals ? [response] : [response] + end(fault) + [.close]
    default: return [answer(request, RTSPStatus.reporting(fault), ["X-Fault": fault.code.rawValue])]
    }
  }

  private func challenge(_ request: RTSPRequest, isStale: Bool) -> Effect {
    let digest = DigestChallenge(realm: configuration.realm, nonce: nonce, isStale: isStale)
    var headers: RTSPHeaders = ["WWW-Authenticate": digest.text]
    if configuration.offersBasic { headers.add("WWW-Authenticate", BasicAuthentication.challenge(realm: configuration.realm)) }
    return answer(request, .unauthorized, headers)
  }

  private mutating func proceed(_ request: RTSPRequest, _ url: RTSPURL) -> [Effect] {
    switch request.method {
    case .announce: return announceAllowed(request, url)
    case .describe, .setup: return askForDescription(request, url)
    default: return [answer(request, .internalServerError)]
    }
  }

  static func clipped(_ text: String) -> String { String(text.unicodeScalars.prefix(80).map { $0.value < 32 ? "?" : Character($0) }) }
}
