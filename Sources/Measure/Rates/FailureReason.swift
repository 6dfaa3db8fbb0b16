/// Why a picture did not come: the closed list of field-guide §2.3.
public enum FailureReason: String, Sendable, Codable, CaseIterable {
  /// Nothing came and nobody was refused: the device was not on the air. Never excluded.
  case offline
  case auth
  case busy
  case unsupported
  /// A session without a packet.
  case noMedia
  case noKeyframe
  /// Key frames, but none gave a visible picture: damaged, black, without parameter sets.
  case undecodable
  case wrongSource
  /// A picture, but later than the limit.
  case timeout
  case network
  case refused
  /// A person ended it before its time, or nobody was asked.
  case `operator`

  /// What a refusal or failed pull of the fault catalogue amounts to.
  public init(code: String) {
    self =
      switch code {
      case "accessDenied", "credentialsMissing", "credentialsWrong", "keyExpired", "tooManyAttempts": .auth
      case "streamBusy": .busy
      case "codecUnsupported", "transportUnsupported", "authenticationUnsupported": .unsupported
      case "picturesStopped": .noMedia
      case "noKeyframe": .noKeyframe
      case "mediaMalformed", "decodeFailed": .undecodable
      case "peerUnreachable", "pullFailed": .offline
      case "rtspTimeout", "handshakeTimeout", "publisherGone": .network
      case "streamNameInvalid", "peerKeyMismatch": .wrongSource
      default: .refused
      }
  }
}
