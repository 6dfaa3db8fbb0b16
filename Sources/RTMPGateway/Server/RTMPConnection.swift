internal import Access
internal import Gateway
internal import Hub
internal import Logging
internal import Model
internal import NIOCore
internal import Wire

/// One client of the RTMP port, publisher or player: bytes become messages, messages become units or commands.
///
/// `@unchecked Sendable`: everything is touched on the connection's loop only.
final class RTMPConnection: ConnectionDelegate, PublisherTransport, ReaderSink, @unchecked Sendable {
  /// Malformed messages a publisher may send before it is sent away.
  private static let tolerance = 64

  private let connection: GatewayConnection
  private let settings: RTMPSettings
  private let environment: GatewayEnvironment
  private var handshake = RTMPServerHandshake(random: Array("FirstFrame".utf8))
  private var decoder = RTMPChunkDecoder()
  private var session = RTMPServerState()
  private var output = ByteBuffer()
  private var publisher: PublisherSession<FLVIntake>?
  private var reader: ReaderSession?
  /// What the client asked for, for the log.
  private var asked = ""
  /// Since when the client neither publishes nor plays.
  private var idleSince: BootTime?
  private var malformed = 0

  init(_ connection: GatewayConnection, _ settings: RTMPSettings, _ environment: GatewayEnvironment) {
    self.connection = connection
    self.settings = settings
    self.environment = environment
    idleSince = connection.lastRead
    decoder.unfinishedLimit = RTMPChunkDecoder.maximumOfStranger
  }

  // MARK: ConnectionDelegate

  func received(_ bytes: inout ByteBuffer) {
    // Handshake and decoder keep what they cannot use yet.
    var input = bytes
    bytes.moveReaderIndex(to: bytes.writerIndex)
    do { try read(&input) } catch { end(error) }
    publisher?.post(arrival: connection.lastRead)
    flush()
  }

  private func read(_ input: inout ByteBuffer) throws(Fault) {
    session.count(input.readableBytes, output: &output)
    if !handshake.isDone {
      try handshake.receive(&input, reply: &output)
      guard handshake.isDone else { return }
    }
    while let message = try decoder.next(&input) {
      if let publisher, message.isMedia || message.kind == .data || message.kind == .dataAMF3 {
        let arrival = connection.lastRead
        do throws(Fault) {
          try publisher.receive { intake, meter throws(Fault) in try intake.read(message, arrival: arrival, &meter) }
        } catch { try tolerate(error, message) }
      } else if !message.isMedia, let event = try session.handle(message, output: &output) {
        perform(event)
      }
      if connection.isClosing { return }
    }
  }

  /// One bad message is not the stream's end; an unsupported picture codec is.
  private func tolerate(_ fault: Fault, _ message: RTMPMessage) throws(Fault) {
    malformed += 1
    if malformed == 1 { environment.logger.warning("\(fault)", metadata: metadata) }
    if fault.code == .codecUnsupported, message.kind == .video { throw fault }
    // An unsupported sound is left out and the pictures go on.
    if fault.code == .codecUnsupported { malformed = 1 }
    if malformed > RTMPConnection.tolerance { throw fault }
  }

  private var metadata: Logger.Metadata { ["remote": "\(connection.remoteAddress)", "stream": "\(asked)"] }

  private func flush() {
    guard output.readableBytes > 0 else { return }
    connection.send(output)
    output = ByteBuffer()
  }

  func closed(_ error: (any Error)?) {
    stop(Fault(.publisherGone, connection.ending(error)))
  }

  func tick(at now: BootTime) {
    if let idleSince, now - idleSince > settings.handshakeDeadline { return end(Fault(.handshakeTimeout, connection.remoteAddress)) }
    publisher?.sweep(at: now)
    guard let reader else { return }
    reader.tick(at: now)
    if now - reader.lastProgress > settings.playerTimeout { end(Fault(.readerGone, "\(connection.remoteAddress): reads nothing")) }
  }

  // MARK: Commands

  private func perform(_ event: RTMPServerState.Event) {
    switch event {
    case .publish(let target): admit(target, .publish)
    case .play(let target): admit(target, .read)
    case .ended:
      publisher?.post(arrival: connection.lastRead)
      stop(Fault(.streamEnded, "\(connection.remoteAddress): deleteStream"))
      idleSince = connection.lastRead
    case .paused(let paused): reader?.isPaused = paused
    }
  }

  private func admit(_ target: RTMPTarget, _ action: AccessRequest.Action) {
    asked = target.asked
    idleSince = nil
    guard let name = target.name else { return end(Fault(.streamNameInvalid, target.asked)) }
    let request = AccessRequest(
      action: action, stream: name, credentials: target.key.map { .token($0) } ?? .none, remoteHost: connection.remoteHost,
      remoteAddress: connection.remoteAddress)
    switch (environment.decide(request), action) {
    case (.refused(let fault), _): end(fault)
    case (.allowed(let grant), .publish): publish(name, grant)
    case (.allowed(let grant), .read): play(name, grant)
    }
  }

  private func publish(_ name: StreamName, _ grant: AccessGrant) {
    decoder.unfinishedLimit = RTMPChunkDecoder.maximumUnfinished
    var plan = PublisherPlan(name: name, mediaProtocol: .rtmp, grant: grant)
    plan.announceWait = settings.announceWait
    plan.silence = settings.publisherTimeout
    let intake = FLVIntake(origin: UnitOrigin(node: environment.hub.node, path: name))
    // There at once: some encoders send their headers without waiting for the answer.
    let publisher = PublisherSession(plan, intake: intake, connection: connection, environment: environment, transport: self)
    self.publisher = publisher
    publisher.check { [self] fault in
      // The client may have gone, or ended this publication and asked for another, before the hub answered.
      guard !connection.isClosing, self.publisher === publisher else { return }
      if let fault { return end(fault) }
      session.publishAccepted(&output)
      flush()
    }
  }

  private func play(_ name: StreamName, _ grant: AccessGrant) {
    // The answer goes first: players refuse media that overtakes it.
    session.playAccepted(&output)
    flush()
    let identity = ReaderSession.Identity(
      name: name, mediaProtocol: .rtmp, grant: grant, session: "\(name)<\(connection.remoteAddress)@\(connection.lastRead.nanoseconds)")
    reader = ReaderSession(identity, sink: self, connection: connection, environment: environment)
    reader?.subscribe(.packets(key: RTMPPacketisation.key) { RTMPPacketisation($0) })
  }

  // MARK: ReaderSink

  var isWritable: Bool { connection.isWritable }

  func write(_ bytes: ByteBuffer, _ delivery: Delivery) -> Int? {
    connection.send(bytes)
    return nil
  }

  /// The player may stay and wait for the next publisher.
  func ended(_ reason: Fault) {
    guard !connection.isClosing else { return }
    session.streamEnded(&output)
    flush()
  }

  // MARK: Endings

  /// Says why to the client, then closes.
  func end(_ fault: Fault) {
    guard !connection.isClosing else { return }
    environment.logger.debug("\(fault)", metadata: metadata)
    if handshake.isDone { session.refuse(fault, &output) }
    publisher?.post(arrival: connection.lastRead)
    stop(fault)
    connection.close(after: output)
    output = ByteBuffer()
  }

  private func stop(_ reason: Fault) {
    publisher?.finish(reason)
    publisher = nil
    reader?.stop()
    reader = nil
  }
}
