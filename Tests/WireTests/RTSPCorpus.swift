import Foundation
import Model
import NIOCore
import Testing
import Wire

/// What Corpora/make-rtsp.py recorded of ffmpeg, GStreamer and curl.
enum RTSPCorpus {
  /// The files of a folder by name, sorted.
  static func names(_ folder: String) -> [String] {
    let url = Bundle.module.resourceURL?.appendingPathComponent("Corpora/" + folder)
    let found = url.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0.path) } ?? []
    return found.sorted()
  }

  static func bytes(_ folder: String, _ name: String) throws -> [UInt8] {
    let url = try #require(Bundle.module.resourceURL)
    return Array(try Data(contentsOf: url.appendingPathComponent("Corpora/\(folder)/\(name)")))
  }

  static func packets(_ folder: String, _ name: String) throws -> [[UInt8]] {
    var capture = ByteBuffer(bytes: try bytes(folder, name))
    var packets: [[UInt8]] = []
    while let length = capture.readInteger(as: UInt16.self), let packet = capture.readBytes(length: Int(length)) { packets.append(packet) }
    return packets
  }

  /// Messages and frames of a stream of bytes, fed in pieces; the frames' packets as `Item`s say them.
  static func items(_ bytes: [UInt8], piece: Int) throws(RTSPDecodingError) -> [RTSPDecoder.Item] {
    var decoder = RTSPDecoder()
    var buffer = ByteBuffer()
    var items: [RTSPDecoder.Item] = []
    var at = 0
    while at < bytes.count {
      let end = min(bytes.count, at + piece)
      buffer.writeBytes(bytes[at..<end])
      at = end
      while let item = try decoder.next(&buffer) {
        if case .interleaved(_, let length) = item {
          guard buffer.readSlice(length: InterleavedFraming.headerLength + length) != nil else { break }
        }
        items.append(item)
      }
    }
    return items
  }

  static func requests(_ name: String) throws -> [RTSPRequest] {
    try items(bytes("rtsp", name), piece: 65_536).compactMap { if case .request(let request) = $0 { request } else { nil } }
  }
}

/// A session with a shell of canned answers, so that a test feeds requests and reads responses.
struct RTSPShell {
  var state: RTSPServerState
  var now = BootTime(nanoseconds: 1_000_000_000)
  var effects: [RTSPServerState.Effect] = []
  var responses: [RTSPResponse] = []
  /// Answers an authorisation; nil allows.
  var refuse: (RTSPAuthorisation) -> Fault? = { _ in nil }
  var describe: (StreamName) -> Result<RTSPDescription, Fault> = { _ in .success(RTSPShell.twoTracks) }
  var ports: Result<RTSPTransport.Ports, Fault> = .success(RTSPTransport.Ports(rtp: 6000, rtcp: 6001))
  var start: Fault?
  /// Leaves questions open, for tests that answer themselves.
  var answers = true

  static let nonce = "0123456789abcdef0123456789abcdef"
  static let twoTracks = RTSPDescription(
    sdp: "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=0\r\n"
      + "m=audio 0 RTP/AVP 8\r\na=control:trackID=1\r\n", trackCount: 2)

  init(_ configuration: RTSPServerState.Configuration = RTSPServerState.Configuration(), sessionID: String = "4711") {
    state = RTSPServerState(sessionID: sessionID, nonce: RTSPShell.nonce, configuration: configuration, at: now)
  }

  @discardableResult
  mutating func send(_ request: RTSPRequest) -> RTSPResponse? {
    perform(state.handle(request, at: now))
    return responses.last
  }

  @discardableResult
  mutating func send(_ method: RTSPMethod, _ uri: String, _ headers: RTSPHeaders = [:], body: String = "") -> RTSPResponse? {
    var headers = headers
    if headers["CSeq"] == nil { headers["CSeq"] = "\(effects.count + 1)" }
    return send(RTSPRequest(method, uri, headers: headers, body: Array(body.utf8)))
  }

  mutating func perform(_ new: [RTSPServerState.Effect]) {
    for effect in new {
      effects.append(effect)
      if case .respond(let response) = effect { responses.append(response) }
      guard answers else { continue }
      switch effect {
      case .authorise(let question):
        if let fault = refuse(question) { perform(state.refused(fault, at: now)) } else { perform(state.authorised(at: now)) }
      case .describe(let stream):
        switch describe(stream) {
        case .success(let description): perform(state.described(description, at: now))
        case .failure(let fault): perform(state.refused(fault, at: now))
        }
      case .allocatePorts:
        switch ports {
        case .success(let pair): perform(state.portsAllocated(pair, ssrc: 0xABCD, at: now))
        case .failure(let fault): perform(state.refused(fault, at: now))
        }
      case .startRecording, .startPlaying:
        if let start { perform(state.refused(start, at: now)) } else { perform(state.started(at: now)) }
      case .respond, .pause, .stop, .note, .close: break
      }
    }
  }

  var publication: RTSPPublication? {
    effects.lazy.compactMap { if case .startRecording(let publication) = $0 { publication } else { nil } }.first
  }
  var playback: RTSPPlayback? { effects.lazy.compactMap { if case .startPlaying(let playback) = $0 { playback } else { nil } }.first }
  var notes: [FaultCode] { effects.compactMap { if case .note(let fault) = $0 { fault.code } else { nil } } }
}
