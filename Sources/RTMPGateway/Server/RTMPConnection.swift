internal import Hub
internal import Logging
internal import Model
internal import NIOCore
internal import Transport
internal import Wire

/// One client's connection, and the publisher's hot path: a read's bytes become messages, messages become units, units are posted once a read.
///
/// `@unchecked Sendable`: everything is touched on the channel's loop only.
final class RTMPConnection: ChannelInboundHandler, MediaReceiver, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Malformed messages a publisher may send before it is sent away.
  private static let tolerance = 64

  private let context: RTMPContext
  private let channel: MediaChannel
  private let clock: any NodeClock
  /// Whether the socket takes more, kept here because the channel's own answer is an atomic behind two existentials.
  private(set) var isWritable = true
  private let remoteHost: String
  private let remoteAddress: String
  private var handshake = RTMPServerHandshake(random: Array(RTMPConnection.nonce.utf8))
  // Touched on one loop by code that never re-enters itself: the dynamic check would cost each read a tenth of its instructions.
  private var decoder = RTMPChunkDecoder()
  private var session = RTMPServerState()
  private var output = ByteBuffer()
  private var publisher: RTMPPublisher?
  private var reader: RTMPReader?
  private var target: RTMPTarget?
  private var lastRead: BootTime
  /// Since when the client neither publishes nor plays.
  private var idleSince: BootTime?
  private var malformed = 0
  private var isClosing = false
  private var isClosed = false
  /// How the connection broke, when the socket told.
  private var lastError: (any Error)?

  private static let nonce = "FirstFrame"

  init(context: RTMPContext, channel: MediaChannel) {
    self.context = context
    self.channel = channel
    clock = context.clock
    remoteHost = channel.remoteAddress?.ipAddress ?? "?"
    remoteAddress = channel.remoteAddress?.hostAndPort ?? "?"
    lastRead = clock.bootTime()
    idleSince = lastRead
  }

  private var loop: any EventLoop { channel.eventLoop }

  // MARK: Reading

  func received(_ bytes: inout ByteBuffer) {
    guard !isClosing else { return bytes.clear() }
    lastRead = clock.bootTime()
    // Handshake and decoder keep what they cannot use yet.
    var input = bytes
    bytes.moveReaderIndex(to: bytes.writerIndex)
    do {
      try take(&input)
    } catch {
      fail(error)
    }
    publisher?.post(arrival: lastRead)
    flush()
  }

  private func take(_ input: inout ByteBuffer) throws(Fault) {
    session.count(input.readableBytes, output: &output)
    if !handshake.isDone {
      try handshake.receive(&input, reply: &output)
      guard handshake.isDone else { return }
    }
    while let message = try decoder.next(&input) {
      if let publisher, message.isMedia || message.kind == .data || message.kind == .dataAMF3 {
        do throws(Fault) { try publisher.take(message, arrival: lastRead) } catch { try tolerate(error, message) }
      } else if !message.isMedia, let event = try session.handle(message, output: &output) {
        perform(event)
      }
      if isClosing { return }
    }
  }

  /// One bad message is not the stream's end; an unsupported picture codec is.
  private func tolerate(_ fault: Fault, _ message: RTMPMessage) throws(Fault) {
    malformed += 1
    if malformed == 1 { context.logger.warning("\(fault)", metadata: ["remote": "\(remoteAddress)", "stream": "\(target?.asked ?? "")"]) }
    if fault.code == .codecUnsupported, message.kind == .video { throw fault }
    // An unsupported sound is left out and the pictures go on.
    if fault.code == .codecUnsupported { malformed = 1 }
    if malformed > RTMPConnection.tolerance { throw fault }
  }

  // MARK: Writing

  private func flush() {
    guard output.readableBytes > 0, !isClosed else { return }
    let bytes = output
    output = ByteBuffer()
    send(bytes)
  }

  /// Writes to the socket at once; nothing when it has closed.
  func send(_ bytes: ByteBuffer) { channel.send(bytes) }

  /// Asks the kernel for the connection's round trip; `take` is called on the connection's loop, or not at all.
  func roundTrip(_ take: @escaping (Nanoseconds) -> Void) {
    ConnectionRoundTrip.measure(channel)?.assumeIsolated().whenSuccess { trip in
      if let trip { take(trip) }
    }
  }

  /// Tells the client why, then closes.
  private func fail(_ fault: Fault) {
    guard !isClosing else { return }
    context.logger.info("\(fault)", metadata: ["remote": "\(remoteAddress)", "stream": "\(target?.asked ?? "")"])
    if handshake.isDone { session.refuse(fault, &output) }
    publisher?.post(arrival: lastRead)
    stop(fault)
    close()
  }

  /// Closes once what was written has gone, and in any case after two seconds.
  private func close() {
    guard !isClosing else { return }
    isClosing = true
    let channel = channel
    channel.writeAndFlush(output).whenComplete { _ in channel.close(promise: nil) }
    output = ByteBuffer()
    loop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
  }

  // MARK: Channel

  func handlerAdded(context: ChannelHandlerContext) {
    channel.receiver = self
    self.context.sweepers.add(self, on: loop)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) { isWritable = context.channel.isWritable }

  func handlerRemoved(context: ChannelHandlerContext) { finish() }
  func channelInactive(context: ChannelHandlerContext) { finish() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    lastError = error
    context.close(promise: nil)
  }

  private func finish() {
    guard !isClosed else { return }
    (isClosed, isClosing) = (true, true)
    context.sweepers.remove(self, on: loop)
    let how = lastError.map { "\($0)" } ?? "the connection ended without a goodbye"
    stop(Fault(.publisherGone, "\(remoteAddress): \(how)"))
  }

  private func stop(_ reason: Fault) {
    publisher?.finish(reason)
    publisher = nil
    reader?.stop()
    reader = nil
  }

  // MARK: Commands

  private func perform(_ event: RTMPServerState.Event) {
    switch event {
    case .publish(let target): admit(target, .publish)
    case .play(let target): admit(target, .read)
    case .ended:
      publisher?.post(arrival: lastRead)
      stop(Fault(.streamEnded, "\(remoteAddress): deleteStream"))
      idleSince = lastRead
    case .paused(let paused): reader?.pause(paused)
    }
  }

  private func admit(_ target: RTMPTarget, _ action: RTMPAccessRequest.Action) {
    self.target = target
    idleSince = nil
    guard let name = target.name else { return fail(Fault(.streamNameInvalid, target.asked)) }
    let request = RTMPAccessRequest(action: action, name: name, key: target.key)
    switch context.authority.decide(request, remoteHost: remoteHost) {
    case .refused(let fault):
      context.hub.facts.record(
        FactKind.accessRefused,
        [
          "what": .string(action.rawValue), "name": .string(name.path), "peer": .string(remoteAddress),
          "code": .string(fault.code.rawValue),
        ])
      fail(fault)
    case .allowed(let keyName):
      switch action {
      case .publish: publish(name, keyName)
      case .read: play(name, keyName)
      }
    }
  }

  /// Tells a second publisher of a live name before it has sent anything; the hub has the last word once the tracks are known.
  private func publish(_ name: StreamName, _ keyName: String?) {
    let hub = context.hub
    // There at once: some encoders send their headers without waiting for the answer.
    // The closures of publisher and reader hold this connection until `stop`; weak ones would put every retain of it on the slow path.
    publisher = RTMPPublisher(context: context, channel: channel, name: name, keyName: keyName, remoteAddress: remoteAddress) { fault in
      self.fail(fault)
    }
    loop.makeFutureWithTask { try await hub.snapshot(of: name) }.whenComplete { [self] result in
      guard !isClosing else { return }
      if case .success(.some(let snapshot)) = result, isTaken(snapshot) {
        let fault = Fault(.streamBusy, name.path)
        hub.facts.record(
          FactKind.streamRefused,
          [
            "stream": .string(name.path), "protocol": .string(MediaProtocol.rtmp.rawValue), "peer": .string(remoteAddress),
            "key": keyName.map(JSON.string) ?? .null, "action": "publish", "code": .string(fault.code.rawValue),
            "origin": .string(fault.origin.rawValue),
          ])
        return fail(fault)
      }
      session.publishAccepted(&output)
      flush()
    }
  }

  private func isTaken(_ snapshot: StreamSnapshot) -> Bool {
    guard snapshot.condition == .live else { return false }
    switch context.hub.settings.secondPublisher {
    case .takeOver: return false
    case .refuse: return true
    case .takeOverWhenSilent(let silence):
      guard let lastMedia = snapshot.lastMedia ?? snapshot.since else { return false }
      return clock.bootTime() - lastMedia < silence
    }
  }

  private func play(_ name: StreamName, _ keyName: String?) {
    // The answer goes first: players refuse media that overtakes it.
    session.playAccepted(&output)
    flush()
    let reader = RTMPReader(context: context, connection: self, loop: loop, name: name, remoteAddress: remoteAddress, keyName: keyName)
    self.reader = reader
    reader.subscribe()
  }

  /// The stream that is played is over; the player may stay and wait.
  func streamEnded() {
    guard !isClosing else { return }
    session.streamEnded(&output)
    flush()
  }

  // MARK: Once a second

  func sweep(at now: BootTime) {
    guard !isClosing else { return }
    let settings = context.settings
    if let idleSince, now - idleSince > settings.handshakeDeadline { return fail(Fault(.handshakeTimeout, remoteAddress)) }
    if let publisher {
      guard now - publisher.lastMedia <= settings.publisherTimeout else {
        return fail(Fault(.publisherGone, "\(remoteAddress): silent for \(settings.publisherTimeout.value / 1_000_000) ms"))
      }
      publisher.sweep(at: now)
    }
    guard let reader else { return }
    reader.sweep(at: now)
    if now - reader.lastProgress > settings.playerTimeout { fail(Fault(.publisherGone, "\(remoteAddress): takes nothing")) }
  }
}

extension SocketAddress {
  /// `host:port` as facts and pages show it.
  var hostAndPort: String {
    guard let host = ipAddress else { return "?" }
    return (host.utf8.contains(58) ? "[\(host)]" : host) + (port.map { ":\($0)" } ?? "")
  }
}
