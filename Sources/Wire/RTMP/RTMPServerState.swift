public import Model
public import NIOCore

/// The server's side of one RTMP connection after the handshake, without I/O: commands in, answers and decisions out.
///
/// Media does not pass through here: while ``role`` is publishing the shell hands audio, video and data messages to an ``FLVUnitReader``.
public struct RTMPServerState: Sendable {
  /// What the shell has to do about a message.
  public enum Event: Hashable, Sendable {
    /// Ask whether this may be published, then call ``publishAccepted(_:)`` or ``refuse(_:_:)``.
    case publish(RTMPTarget)
    /// Ask whether this may be played, then call ``playAccepted(_:)`` or ``refuse(_:_:)``.
    case play(RTMPTarget)
    /// The client ended its publication or its play in order.
    case ended
    case paused(Bool)
  }

  /// What the client does on this connection; once in its life, unless it ends its stream.
  public enum Role: Hashable, Sendable {
    case none
    /// The shell has been asked and has not answered yet.
    case asking(publish: Bool)
    case publishing
    case playing
  }

  /// Bytes between two acknowledgements where the client names no window.
  private static let window: UInt32 = 2_500_000

  /// Decides whether media is expected.
  public private(set) var role = Role.none
  private var connected = false
  private var app = ""
  private var tcURL = ""
  private var target: RTMPTarget?
  /// The message stream the client publishes or plays on.
  private var messageStream: UInt32 = FLVUnitWriter.messageStream
  private var encoder = RTMPChunkEncoder()
  private var window = RTMPServerState.window
  private var received: UInt32 = 0
  private var acknowledged: UInt32 = 0

  public init() {}

  /// Counts what came in and acknowledges it when the window is used up (RTMP 1.0 §5.4.3).
  public mutating func count(_ bytes: Int, output: inout ByteBuffer) {
    received &+= UInt32(truncatingIfNeeded: bytes)
    guard received &- acknowledged >= window / 2 else { return }
    acknowledged = received
    send(.acknowledgement(received), &output)
  }

  /// Handles a message that is no media of a publication. Throws ``Fault`` `rtmpMalformed` when the connection cannot go on.
  public mutating func handle(_ message: RTMPMessage, output: inout ByteBuffer) throws(Fault) -> Event? {
    if let control = RTMPControl(message) {
      switch control {
      case .windowAcknowledgementSize(let size): window = max(size, 65_536)
      case .pingRequest(let stamp): send(.pingResponse(stamp), &output)
      default: break
      }
      return nil
    }
    guard let command = RTMPCommand(message) else { return nil }
    guard connected || command.name == "connect" else { throw Fault(.rtmpMalformed, "\(command.name.prefix(40)) before connect") }
    return try perform(command, on: message.stream, &output)
  }

  private mutating func perform(_ command: RTMPCommand, on stream: UInt32, _ output: inout ByteBuffer) throws(Fault) -> Event? {
    switch command.name {
    case "connect":
      guard !connected else { throw Fault(.rtmpMalformed, "connect twice") }
      connect(command, &output)
    case "createStream":
      result(command, [.number(Double(FLVUnitWriter.messageStream))], &output)
    case "releaseStream", "FCSubscribe":
      result(command, [.undefined], &output)
    case "FCPublish":
      result(command, [.undefined], &output)
      let name = command.arguments.first?.stringValue.map { $0.prefix { $0 != "?" } } ?? ""
      let info: AMF0Object = ["code": "NetStream.Publish.Start", "description": .string(String(name))]
      send(RTMPCommand(name: "onFCPublish", transaction: 0, arguments: [.object(info)]).message(), &output)
    case "getStreamLength": result(command, [0], &output)
    case "publish", "play": return try ask(command, on: stream, &output)
    case "pause":
      guard role == .playing, let flag = command.arguments.first?.boolValue else { return nil }
      status("status", flag ? "NetStream.Pause.Notify" : "NetStream.Unpause.Notify", "", &output)
      return .paused(flag)
    case "deleteStream", "closeStream", "FCUnpublish": return end(command, &output)
    default: break
    }
    return nil
  }

  private mutating func connect(_ command: RTMPCommand, _ output: inout ByteBuffer) {
    connected = true
    let object = command.object.objectValue
    app = object?["app"]?.stringValue ?? ""
    tcURL = object?["tcUrl"]?.stringValue ?? ""
    send(.windowAcknowledgementSize(RTMPServerState.window), &output)
    send(.setPeerBandwidth(RTMPServerState.window, limitType: 2), &output)
    send(.setChunkSize(UInt32(RTMPChunkEncoder.agreedChunkSize)), &output)
    encoder.chunkSize = RTMPChunkEncoder.agreedChunkSize
    let properties: AMF0Object = ["fmsVer": "FMS/3,0,1,123", "capabilities": 31]
    let information: AMF0Object = [
      "level": "status", "code": "NetConnection.Connect.Success", "description": "Connection succeeded.", "objectEncoding": 0,
      // E-RTMP v1: what may be published here beyond the classic codecs.
      "fourCcList": .strictArray(["hvc1", "avc1"]),
    ]
    let answer = RTMPCommand(
      name: "_result", transaction: command.transaction, object: .object(properties), arguments: [.object(information)])
    send(answer.message(), &output)
  }

  private mutating func ask(_ command: RTMPCommand, on stream: UInt32, _ output: inout ByteBuffer) throws(Fault) -> Event? {
    guard role == .none else { throw Fault(.rtmpMalformed, "\(command.name) while \(role)") }
    let isPublish = command.name == "publish"
    role = .asking(publish: isPublish)
    messageStream = stream == 0 ? FLVUnitWriter.messageStream : stream
    let asked = RTMPTarget(app: app, stream: command.arguments.first?.stringValue ?? "", tcURL: tcURL)
    target = asked
    return isPublish ? .publish(asked) : .play(asked)
  }

  private mutating func end(_ command: RTMPCommand, _ output: inout ByteBuffer) -> Event? {
    if command.name == "FCUnpublish" { result(command, [.undefined], &output) }
    guard role != .none else { return nil }
    if role == .publishing { status("status", "NetStream.Unpublish.Success", "", &output) }
    role = .none
    return .ended
  }

  // MARK: The shell's answers

  /// The publisher is in: media may come.
  public mutating func publishAccepted(_ output: inout ByteBuffer) {
    guard role == .asking(publish: true) else { return }
    role = .publishing
    send(.streamBegin(messageStream), &output)
    status("status", "NetStream.Publish.Start", target?.asked ?? "", &output)
  }

  /// The reader is in; media may come at once or when a publisher does.
  public mutating func playAccepted(_ output: inout ByteBuffer) {
    guard role == .asking(publish: false) else { return }
    role = .playing
    send(.streamBegin(messageStream), &output)
    status("status", "NetStream.Play.Reset", target?.asked ?? "", &output)
    status("status", "NetStream.Play.Start", target?.asked ?? "", &output)
    // Players ask for it by habit: raw access to audio and video is allowed.
    var access = ByteBuffer()
    access.writeAMF0(["|RtmpSampleAccess", true, true])
    send(RTMPMessage(kind: .data, chunkStream: 5, stream: messageStream, timestamp: 0, payload: access), &output)
  }

  /// Says why not, or why no longer; the shell then closes.
  public mutating func refuse(_ fault: Fault, _ output: inout ByteBuffer) {
    let publishes = role == .asking(publish: true) || role == .publishing
    status("error", RTMPServerState.code(fault, publishes: publishes), fault.description, &output)
    role = .none
  }

  /// The stream a player watched is over; it may stay and wait.
  public func streamEnded(_ output: inout ByteBuffer) {
    guard role == .playing else { return }
    // Librtmp's family heeds the status, GStreamer's rtmp2src the user control message.
    send(.streamEOF(messageStream), &output)
    status("status", "NetStream.Play.UnpublishNotify", target?.asked ?? "", &output)
  }

  static func code(_ fault: Fault, publishes: Bool) -> String {
    switch (fault.code, publishes) {
    case (.streamBusy, _), (.streamNameInvalid, true): "NetStream.Publish.BadName"
    case (.accessDenied, true), (.credentialsMissing, true), (.credentialsWrong, true), (.keyExpired, true), (.tooManyAttempts, true):
      "NetStream.Publish.Denied"
    case (_, true): "NetStream.Publish.Failed"
    case (.streamNameInvalid, false), (.streamUnknown, false): "NetStream.Play.StreamNotFound"
    case (_, false): "NetStream.Play.Failed"
    }
  }

  // MARK: Writing

  private func result(_ command: RTMPCommand, _ arguments: [AMF0Value], _ output: inout ByteBuffer) {
    guard command.transaction != 0 else { return }
    send(RTMPCommand(name: "_result", transaction: command.transaction, arguments: arguments).message(), &output)
  }

  private func status(_ level: String, _ code: String, _ description: String, _ output: inout ByteBuffer) {
    send(RTMPCommand.status(level, code, description).message(stream: messageStream), &output)
  }

  private func send(_ control: RTMPControl, _ output: inout ByteBuffer) { send(control.message, &output) }
  private func send(_ message: RTMPMessage, _ output: inout ByteBuffer) { encoder.write(message, into: &output) }
}
