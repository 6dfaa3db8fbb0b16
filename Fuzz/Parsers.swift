import Journal
import Model
import NIOCore
import Wire

@testable import Cascade

/// Every face that takes bytes from outside, as a function of those bytes that must not trap, whatever they are.
enum Parsers {
  static let all: [String: @Sendable ([UInt8]) -> Void] = [
    "rtsp": rtsp, "rtp": rtp, "rtcp": rtcp, "sdp": sdp, "rtmp": rtmp, "rtmp-play": rtmpPlay, "codec": codec, "link": link, "json": json,
    "samples": samples, "frames": frames, "annexb": annexB,
  ]

  private static let now = BootTime(nanoseconds: 1_000_000_000)

  // MARK: RTSP

  /// A connection's bytes, cut in two at a place that the first byte names, through decoder and both state machines.
  private static func rtsp(_ bytes: [UInt8]) {
    var decoder = RTSPDecoder()
    var server = RTSPServerState(sessionID: "f", nonce: "n", at: now)
    guard let url = RTSPURL("rtsp://u:p@127.0.0.1/live/f") else { return }
    var player = RTSPClientState(RTSPClientState.Configuration(url: url, role: .pull, clientNonce: "c"))
    _ = player.start()
    let cut = 1 + Int(bytes[0]) * (bytes.count - 1) / 255
    var buffer = ByteBuffer()
    for part in [bytes[1..<cut], bytes[cut...]] {
      buffer.writeBytes(part)
      do {
        read: while let item = try decoder.next(&buffer) {
          switch item {
          case .request(let request):
            _ = server.handle(request, at: now)
            _ = player.handle(request)
            if let transport = request.headers["Transport"] { _ = RTSPTransport.parse(transport) }
          case .response(let response):
            for case .redirected(let location, let isProxy) in player.handle(response) {
              var redirection = RTSPRedirection(url, listed: ["10.0.0.1:554"])
              _ = try? redirection.follow(location, isProxy: isProxy)
            }
          case .interleaved(_, let length):
            guard buffer.readableBytes >= InterleavedFraming.headerLength + length else { break read }
            buffer.moveReaderIndex(forwardBy: InterleavedFraming.headerLength + length)
          }
        }
      } catch {
        _ = server.failed(error)
        return
      }
    }
  }

  private static func sdp(_ bytes: [UInt8]) {
    guard let description = try? SessionDescription(parsing: bytes), let tracks = try? description.tracks(leavingOut: description.withoutMedia) else {
      return
    }
    _ = description.backChannels
    _ = SDPBuilder.text(tracks, name: "f", id: 1)
  }

  // MARK: RTP

  private static let tracks: [Track] = [
    Track(index: 0, codec: .h264, clockRate: 90_000), Track(index: 0, codec: .h265, clockRate: 90_000),
    Track(index: 0, codec: .aac, clockRate: 48_000), Track(index: 0, codec: .opus, clockRate: 48_000),
    Track(index: 0, codec: .pcma, clockRate: 8000),
  ]

  /// Packets, each behind two bytes of length, through the assembler of the codec that the first byte names, and back into packets.
  private static func rtp(_ bytes: [UInt8]) {
    guard let path = StreamName("live/f") else { return }
    let track = tracks[Int(bytes[0] & 0x7F) % tracks.count]
    var assembler = RTPUnitAssembler(track: track, origin: UnitOrigin(node: "f", path: path), epoch: 1, reorder: bytes[0] & 0x80 != 0)
    var packetizer = RTPPacketizer(track: track, payloadType: 96, ssrc: 1, unitIDExtension: 3)
    var units: [AccessUnit] = []
    var numbering: UInt64 = 0
    var at = 1
    while at + 2 <= bytes.count {
      let end = min(bytes.count, at + 2 + (Int(bytes[at]) << 8 | Int(bytes[at + 1])))
      bytes[(at + 2)..<end].withUnsafeBytes { packet in
        guard let header = RTPHeader(packet) else { return }
        let told = UnitIDExtension(id: 3, packet: packet, header: header).map { ($0.epoch, $0.number) }
        _ = assembler.receive(header, packet: packet, arrival: now, numbering: &numbering, unitID: told, into: &units)
      }
      at = end
    }
    assembler.flush(numbering: &numbering, into: &units)
    var deriver = DecodeTimeDeriver(track: track)
    for var unit in units {
      unit.dts = deriver.decodeTime(of: unit)
      var framed = ByteBuffer()
      packetizer.packetize(unit, channel: 0, into: &framed)
    }
  }

  /// A run of framed packets, with the first byte as the channel that is looked for.
  private static func frames(_ bytes: [UInt8]) {
    var frames = RTPFrames(ByteBuffer(bytes: bytes.dropFirst()))
    let place = frames.place(sequenceNumber: UInt16(bytes[0]) << 8, channel: bytes[0] & 3)
    _ = frames.rewritten(channels: [nil, bytes[0]])
    bytes.withUnsafeBytes { _ = frames.insert($0, channel: bytes[0], at: place) }
    while !frames.removeFirst(Int(bytes[0] & 7) + 1).isEmpty {}
    bytes.withUnsafeBytes { all in
      var from = 0
      while case .at(let offset) = FrameSearch.find(from: from, in: all, channels: { $0 < 4 }) { from = offset + 1 }
    }
  }

  private static func rtcp(_ bytes: [UInt8]) { bytes.withUnsafeBytes { _ = RTCPPacket.parseCompound($0) } }

  // MARK: RTMP

  private static func rtmp(_ bytes: [UInt8]) {
    guard let path = StreamName("live/f") else { return }
    var input = ByteBuffer(bytes: bytes)
    var output = ByteBuffer()
    var decoder = RTMPChunkDecoder()
    var state = RTMPServerState()
    var reader = FLVUnitReader(id: AccessUnitID(origin: UnitOrigin(node: "f", path: path), epoch: 1, number: 1))
    var units: [AccessUnit] = []
    do {
      while let message = try decoder.next(&input) {
        if message.isMedia { _ = try? reader.read(message, arrival: now, into: &units) }
        switch try state.handle(message, output: &output) {
        case .publish: state.publishAccepted(&output)
        case .play: state.playAccepted(&output)
        default: break
        }
      }
    } catch {}
  }

  private static func rtmpPlay(_ bytes: [UInt8]) {
    guard let url = try? RTMPURL("rtmp://127.0.0.1/live/f") else { return }
    var input = ByteBuffer(bytes: bytes)
    var output = ByteBuffer()
    var decoder = RTMPChunkDecoder()
    var state = RTMPClientState(url: url, role: .play)
    do { while let message = try decoder.next(&input) { _ = try state.handle(message, output: &output) } } catch {}
  }

  /// A byte stream of NAL units, in pieces whose length the second byte names, of the codec that the first names.
  private static func annexB(_ bytes: [UInt8]) {
    guard let path = StreamName("live/f"), bytes.count > 2 else { return }
    let track = tracks[Int(bytes[0]) & 1]
    var reader = AnnexBUnitReader(track: track, id: AccessUnitID(origin: UnitOrigin(node: "f", path: path), epoch: 1, number: 1))
    var units: [AccessUnit] = []
    let step = Int(bytes[1]) * Int(bytes[1]) + 1
    for start in stride(from: 2, to: bytes.count, by: step) {
      let piece = ByteBuffer(bytes: bytes[start..<min(bytes.count, start + step)])
      reader.read(piece, presentation: bytes[0] & 2 == 0 ? nil : Int64(start) << 40, arrival: now, into: &units)
      if bytes[0] & 4 != 0 { reader.markLoss(into: &units) }
    }
    reader.endPicture(into: &units)
    for unit in units where unit.nalUnits.reduce(0, { $0 + 4 + $1.readableBytes }) != unit.payload.readableBytes {
      fatalError("a unit's payload is no run of NAL units")
    }
  }

  // MARK: Codecs

  private static func codec(_ bytes: [UInt8]) {
    _ = H264SPS(nal: bytes)
    _ = H265SPS(nal: bytes)
    if let one = AVCConfiguration(bytes) { _ = AVCConfiguration(sps: one.sps, pps: one.pps) }
    if let one = HEVCConfiguration(bytes) { _ = HEVCConfiguration(vps: one.vps, sps: one.sps, pps: one.pps) }
    if let one = AudioSpecificConfig(bytes) { _ = one.bytes }
    var avc = CodecParameters.h264(sps: [], pps: [])
    _ = avc.update(parameterSet: bytes)
    var hevc = CodecParameters.h265(vps: [], sps: [], pps: [])
    _ = hevc.update(parameterSet: bytes)
  }

  // MARK: Control link

  private static let keys = (lower: try? NodeIdentity.temporary(), upper: try? NodeIdentity.temporary())
  /// Both ends of an established link.
  private static let established: (lower: LinkCipher, upper: LinkCipher)? = {
    guard let lower = keys.lower, let upper = keys.upper else { return nil }
    var caller = LinkHandshake(isLower: true, identity: lower, node: "a", boot: "1")
    var answerer = LinkHandshake(isLower: false, identity: upper, node: "b", boot: "2")
    guard let welcome = try? answerer.receive(hello: caller.makeHello(), known: { _ in lower.publicKey }),
      let (proof, cipher) = try? caller.receive(welcome: welcome, expected: upper.fingerprint), let other = try? answerer.receive(proof: proof)
    else { return nil }
    return (cipher, other)
  }()

  /// The first byte says which: frames, a handshake's messages, sealed frames of a paired peer whose plain text is hostile, a receipt, pairing.
  private static func link(_ bytes: [UInt8]) {
    let body = Array(bytes.dropFirst())
    guard let lower = keys.lower, let upper = keys.upper else { return }
    switch bytes[0] % 5 {
    case 0:
      var buffer = ByteBuffer(bytes: body)
      do { while let frame = try LinkFrame.read(&buffer) { _ = try? LinkMessage(frame) } } catch {}
    case 1:
      var answerer = LinkHandshake(isLower: false, identity: upper, node: "b", boot: "2")
      _ = try? answerer.receive(hello: body, known: { _ in lower.publicKey })
      _ = try? answerer.receive(proof: body)
      var caller = LinkHandshake(isLower: true, identity: lower, node: "a", boot: "1")
      _ = caller.makeHello()
      _ = try? caller.receive(welcome: body, expected: upper.fingerprint)
    case 2:
      guard var (sender, receiver) = established else { return }
      _ = try? receiver.open(body)
      guard var (again, other) = established, let sealed = try? again.seal(body), let plain = try? other.open(sealed) else { return }
      _ = try? sender.seal(body)
      _ = try? LinkMessage(plain)
    case 3: _ = ReceiptDocument(text: String(decoding: body, as: UTF8.self))
    default:
      guard let code = PairingCode(typed: String(decoding: body.prefix(12), as: UTF8.self)) else { return }
      _ = try? PairingExchange.conclude(body, nonce: "00", code: code)
    }
  }

  // MARK: Files and requests

  private static func json(_ bytes: [UInt8]) {
    guard let value = try? JSON(parsing: bytes) else { return }
    guard (try? JSON(parsing: value.text)) == value else { fatalError("what was written does not read back as it was") }
  }

  private static func samples(_ bytes: [UInt8]) {
    guard var reader = try? SampleReader(bytes: bytes, name: "f") else { return }
    do { while try reader.next() != nil {} } catch {}
  }
}
