public import Model
public import NIOCore

/// The client's side of one RTMP connection after the handshake, without I/O: connects, then publishes or plays one stream.
public struct RTMPClientState: Sendable {
  /// What this side does with the stream.
  public enum Role: Hashable, Sendable { case publish, play }

  /// What the connection has to know about a message.
  public enum Event: Hashable, Sendable {
    /// The server agreed: media may be sent or will come.
    case ready
    /// The server says that the stream's publisher has gone.
    case ended
  }

  private enum Transaction {
    static let connect = 1.0
    static let createStream = 4.0
  }

  /// Where it connects to.
  public let url: RTMPURL
  /// Decides which commands are sent.
  public let role: Role
  /// Whether the server agreed to publish or play.
  public private(set) var isReady = false
  /// The message stream the server gave us.
  public private(set) var messageStream: UInt32 = 0
  private var encoder = RTMPChunkEncoder()
  private var window: UInt32 = 2_500_000
  private var received: UInt32 = 0
  private var acknowledged: UInt32 = 0

  public init(url: RTMPURL, role: Role) {
    self.url = url
    self.role = role
  }

  /// `connect`, sent right behind the handshake.
  public mutating func start(_ output: inout ByteBuffer) {
    if role == .publish {
      send(RTMPControl.setChunkSize(UInt32(RTMPChunkEncoder.agreedChunkSize)).message, &output)
      encoder.chunkSize = RTMPChunkEncoder.agreedChunkSize
    }
    let object: AMF0Object = [
      "app": .string(url.app), "type": "nonprivate", "flashVer": "FMLE/3.0 (compatible; FirstFrame)", "tcUrl": .string(url.tcURL),
      "fourCcList": .strictArray(["hvc1"]),
    ]
    send(RTMPCommand(name: "connect", transaction: Transaction.connect, object: .object(object)).message(), &output)
  }

  /// Counts what came in and acknowledges it when half of the window is used up (RTMP 1.0 §5.4.3).
  public mutating func count(_ bytes: Int, output: inout ByteBuffer) {
    received &+= UInt32(truncatingIfNeeded: bytes)
    guard received &- acknowledged >= window / 2 else { return }
    acknowledged = received
    send(RTMPControl.acknowledgement(received).message, &output)
  }

  /// Handles a message that is no media. Throws what the server refused, as a ``Fault``.
  public mutating func handle(_ message: RTMPMessage, output: inout ByteBuffer) throws(Fault) -> Event? {
    if let control = RTMPControl(message) {
      switch control {
      case .windowAcknowledgementSize(let size): window = max(size, 65_536)
      case .pingRequest(let stamp): send(RTMPControl.pingResponse(stamp).message, &output)
      default: break
      }
      return nil
    }
    guard let command = RTMPCommand(message) else { return nil }
    switch command.name {
    case "_result" where command.transaction == Transaction.connect: createStream(&output)
    case "_result" where command.transaction == Transaction.createStream: open(command, &output)
    case "_error" where command.transaction == Transaction.connect || command.transaction == Transaction.createStream:
      throw refusal(command)
    case "onStatus": return try status(command)
    case "close": throw Fault(.streamEnded, url.description)
    default: break
    }
    return nil
  }

  private func createStream(_ output: inout ByteBuffer) {
    if role == .publish {
      for (name, transaction) in [("releaseStream", 2.0), ("FCPublish", 3.0)] {
        send(RTMPCommand(name: name, transaction: transaction, arguments: [.string(url.stream)]).message(), &output)
      }
    }
    send(RTMPCommand(name: "createStream", transaction: Transaction.createStream).message(), &output)
  }

  private mutating func open(_ command: RTMPCommand, _ output: inout ByteBuffer) {
    messageStream = UInt32(exactly: command.arguments.first?.numberValue ?? 1) ?? 1
    switch role {
    case .publish:
      let publish = RTMPCommand(name: "publish", transaction: 5, arguments: [.string(url.stream), "live"])
      send(publish.message(stream: messageStream), &output)
    case .play:
      send(RTMPCommand(name: "play", transaction: 5, arguments: [.string(url.stream), -2000]).message(stream: messageStream), &output)
      send(RTMPControl.setBufferLength(stream: messageStream, milliseconds: 1000).message, &output)
    }
  }

  private mutating func status(_ command: RTMPCommand) throws(Fault) -> Event? {
    let information = command.arguments.first?.objectValue
    if information?["level"]?.stringValue == "error" { throw refusal(command) }
    switch information?["code"]?.stringValue {
    case "NetStream.Publish.Start", "NetStream.Play.Start":
      guard !isReady else { return nil }
      isReady = true
      return .ready
    case "NetStream.Play.UnpublishNotify": return .ended
    default: return nil
    }
  }

  private func refusal(_ command: RTMPCommand) -> Fault {
    let information = command.arguments.first?.objectValue ?? command.object.objectValue
    let code = information?["code"]?.stringValue ?? command.name
    let text = information?["description"]?.stringValue ?? ""
    // One of our own nodes begins its description with the fault's code.
    if role == .publish, let known = FaultCode(rawValue: String(text.prefix(40).prefix { $0.isLetter })) { return Fault(known, "\(url): \(code)") }
    let detail = "\(url): \(code) \(text.prefix(200))"
    switch code {
    case "NetStream.Publish.BadName": return Fault(.streamBusy, detail)
    case "NetStream.Publish.Denied", "NetConnection.Connect.Rejected": return Fault(.accessDenied, detail)
    case "NetStream.Play.StreamNotFound": return Fault(.streamUnknown, detail)
    default: return Fault(role == .publish ? .pushFailed : .pullFailed, detail)
    }
  }

  /// Says goodbye in order: `FCUnpublish` and `deleteStream`.
  public func finish(_ output: inout ByteBuffer) {
    guard messageStream != 0 else { return }
    if role == .publish {
      send(RTMPCommand(name: "FCUnpublish", transaction: 6, arguments: [.string(url.stream)]).message(), &output)
    }
    send(RTMPCommand(name: "deleteStream", transaction: 7, arguments: [.number(Double(messageStream))]).message(), &output)
  }

  private func send(_ message: RTMPMessage, _ output: inout ByteBuffer) { encoder.write(message, into: &output) }
}
