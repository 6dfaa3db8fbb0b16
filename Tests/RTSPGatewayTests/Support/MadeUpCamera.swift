import Model
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Wire

/// A camera over TCP that does what a test wants: an RTSP server with a picture that is always the same, and sound beside it.
final class MadeUpCamera: Sendable {
  /// Answers in place of the camera's usual answer.
  enum Answer: Sendable {
    case usual
    case silence
    case hangUp
    case other(RTSPResponse)
  }

  typealias Rule = @Sendable (RTSPRequest, MadeUpCamera) -> Answer

  private let rule: Rule
  private let hasSound: Bool
  private let timeout: Int
  private let log = NIOLockedValueBox<[RTSPRequest]>([])
  private let waiters = NIOLockedValueBox<[(method: RTSPMethod, count: Int, promise: EventLoopPromise<Void>)]>([])
  private let accepted = NIOLockedValueBox<[any Channel]>([])
  private let listening: NIOLockedValueBox<(any Channel)?> = NIOLockedValueBox(nil)
  /// Whether pictures are sent; sound goes on in any case.
  let sendsPictures = NIOLockedValueBox(true)

  static func start(
    group: any EventLoopGroup, hasSound: Bool = false, timeout: Int = 60, _ rule: @escaping Rule = { _, _ in .usual }
  ) async throws -> MadeUpCamera {
    let camera = MadeUpCamera(rule: rule, hasSound: hasSound, timeout: timeout)
    let channel = try await ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        camera.accepted.withLockedValue { $0.append(channel) }
        return channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Handler(camera)) }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    camera.listening.withLockedValue { $0 = channel }
    return camera
  }

  private init(rule: @escaping Rule, hasSound: Bool, timeout: Int) {
    self.rule = rule
    self.hasSound = hasSound
    self.timeout = timeout
  }

  var port: Int { listening.withLockedValue { $0?.localAddress?.port } ?? 0 }
  func url(_ login: String = "", host: String = "127.0.0.1") -> String { "rtsp://\(login)\(host):\(port)/ch1" }
  var requests: [RTSPRequest] { log.withLockedValue { $0 } }
  var connections: Int { accepted.withLockedValue { $0.count } }

  func stop() async {
    try? await listening.withLockedValue { $0 }?.close()
    for channel in accepted.withLockedValue({ $0 }) { try? await channel.close() }
  }

  /// Completes when so many requests of a method have come.
  func received(_ method: RTSPMethod, _ count: Int = 1, on loop: any EventLoop) async throws {
    let promise = loop.makePromise(of: Void.self)
    waiters.withLockedValue { $0.append((method, count, promise)) }
    settle()
    let timer = loop.scheduleTask(in: .seconds(30)) { promise.fail(Workshop.Trouble("no \(count) × \(method)")) }
    defer { timer.cancel() }
    try await promise.futureResult.get()
  }

  private func settle() {
    let requests = requests
    let due = waiters.withLockedValue { waiters in
      let isDue = { (waiter: (method: RTSPMethod, count: Int, promise: EventLoopPromise<Void>)) in
        requests.count { $0.method == waiter.method } >= waiter.count
      }
      let due = waiters.filter(isDue)
      waiters.removeAll(where: isDue)
      return due
    }
    for waiter in due { waiter.promise.succeed() }
  }

  /// Nil for none; the connection closes when it throws.
  fileprivate func answer(_ request: RTSPRequest) throws -> RTSPResponse? {
    log.withLockedValue { $0.append(request) }
    var response: RTSPResponse
    switch rule(request, self) {
    case .silence:
      settle()
      return nil
    case .hangUp:
      settle()
      throw Workshop.Trouble("hung up")
    case .other(let other): response = other
    case .usual: response = usual(request)
    }
    response.headers["CSeq"] = request.headers["CSeq"]
    settle()
    return response
  }

  private func usual(_ request: RTSPRequest) -> RTSPResponse {
    switch request.method {
    case .options: return RTSPResponse(.ok, headers: ["Public": "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"])
    case .describe: return RTSPResponse(.ok, headers: ["Content-Type": "application/sdp"], body: Array(sdp.utf8))
    case .setup: return RTSPResponse(.ok, headers: ["Transport": request.headers["Transport"] ?? "", "Session": "11;timeout=\(timeout)"])
    default: return RTSPResponse(.ok, headers: ["Session": "11"])
    }
  }

  private var sdp: String {
    "v=0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
      + "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkAoD2hAAADAAEAAAMAMg8WLkg=,aMuMsg==\r\na=control:t1\r\n"
      + (hasSound ? "m=audio 0 RTP/AVP 8\r\na=control:t2\r\n" : "")
  }

  /// What goes out every 40 ms of a session that plays, as `$` frames.
  fileprivate func media(_ index: Int) -> ByteBuffer {
    func packet(_ payload: [UInt8], channel: UInt8, type: UInt8, step: UInt32, ssrc: UInt32) -> ByteBuffer {
      var frame = ByteBuffer(bytes: [0x24, channel, 0, UInt8(12 + payload.count), 0x80, 0x80 | type])
      frame.writeInteger(UInt16(truncatingIfNeeded: index))
      frame.writeInteger(UInt32(truncatingIfNeeded: index) &* step)
      frame.writeInteger(ssrc)
      frame.writeBytes(payload)
      return frame
    }
    var out = ByteBuffer()
    if sendsPictures.withLockedValue({ $0 }) {
      out.writeImmutableBuffer(packet([0x65, 0x88] + [UInt8](repeating: 0x84, count: 60), channel: 0, type: 96, step: 3600, ssrc: 77))
    }
    if hasSound { out.writeImmutableBuffer(packet([UInt8](repeating: 0xD5, count: 80), channel: 2, type: 8, step: 320, ssrc: 88)) }
    return out
  }

  /// One connection.
  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let camera: MadeUpCamera
    private var decoder = RTSPDecoder()
    private var buffer = ByteBuffer()
    private var sending: RepeatedTask?

    init(_ camera: MadeUpCamera) { self.camera = camera }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      buffer.writeImmutableBuffer(unwrapInboundIn(data))
      while let item = try? decoder.next(&buffer) {
        switch item {
        case .request(let request): answer(request, context)
        case .response: break
        case .interleaved(_, let length):
          guard buffer.readSlice(length: length + 4) != nil else { return }
        }
      }
    }

    private func answer(_ request: RTSPRequest, _ context: ChannelHandlerContext) {
      let response: RTSPResponse
      do {
        guard let made = try camera.answer(request) else { return }
        response = made
      } catch { return context.close(promise: nil) }
      var out = ByteBuffer()
      response.write(into: &out)
      context.writeAndFlush(wrapOutboundOut(out), promise: nil)
      guard request.method == .play, response.status.isSuccess, sending == nil else { return }
      let (channel, camera) = (context.channel, camera)
      let next = NIOLockedValueBox(0)
      sending = context.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(40)) { _ in
        let index = next.withLockedValue { next in
          defer { next += 1 }
          return next
        }
        let media = camera.media(index)
        if media.readableBytes > 0 { channel.writeAndFlush(media, promise: nil) }
      }
    }

    func channelInactive(context: ChannelHandlerContext) { sending?.cancel() }
  }
}
