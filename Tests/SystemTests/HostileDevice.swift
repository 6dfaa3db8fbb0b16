import Foundation

/// A device that keeps to RTSP until RECORD is answered, and then to nothing. Blocks.
final class HostileDevice {
  private let socket: RawSocket
  private let url: String
  private var sequence = 0
  private var session = ""
  /// The node's ports for RTP and RTCP, for each medium over UDP.
  private(set) var serverPorts: [(rtp: Int, rtcp: Int)] = []
  /// Our own sockets, the RTP one and the RTCP one of each medium.
  private(set) var sockets: [(rtp: RawSocket, rtcp: RawSocket)] = []

  init(port: Int, stream: String) throws {
    socket = try RawSocket.tcp(port: port, timeoutMilliseconds: 2000)
    url = "rtsp://127.0.0.1:\(port)/\(stream)"
  }

  /// Announces, sets up each medium and records. Returns the status that ended it: 200 when it records, 0 when the connection closed.
  func begin(_ sdp: [UInt8], udp: Bool = false) -> Int {
    let announced = ask("ANNOUNCE", url, ["Content-Type: application/sdp"], sdp)
    guard announced.status == 200 else { return announced.status }
    let media = max(1, String(decoding: sdp, as: UTF8.self).components(separatedBy: "\nm=").count - 1)
    for index in 0..<min(media, 4) {
      guard let transport = transport(index, udp: udp) else { return 0 }
      let answer = ask("SETUP", "\(url)/streamid=\(index)", ["Transport: RTP/AVP\(transport);mode=record"])
      guard answer.status == 200 else { return answer.status }
      session = HostileDevice.value("session", in: answer.head).split(separator: ";").first.map(String.init) ?? session
      let ports = HostileDevice.value("transport", in: answer.head).components(separatedBy: "server_port=").dropFirst().first ?? ""
      let pair = ports.split(whereSeparator: { !$0.isNumber }).prefix(2).compactMap { Int($0) }
      if pair.count == 2 { serverPorts.append((pair[0], pair[1])) }
    }
    return ask("RECORD", url, ["Range: npt=0.000-"]).status
  }

  private func transport(_ index: Int, udp: Bool) -> String? {
    guard udp else { return "/TCP;unicast;interleaved=\(2 * index)-\(2 * index + 1)" }
    guard let rtp = try? RawSocket.udp(), let rtcp = try? RawSocket.udp() else { return nil }
    sockets.append((rtp, rtcp))
    return ";unicast;client_port=\(rtp.port)-\(rtcp.port)"
  }

  /// One interleaved frame whose framing is right.
  static func frame(_ packet: [UInt8], channel: UInt8) -> [UInt8] {
    let body = packet.prefix(65_535)
    return [0x24, channel, UInt8(body.count >> 8), UInt8(truncatingIfNeeded: body.count)] + body
  }

  func write(_ bytes: [UInt8]) { socket.write(bytes) }

  /// The answer to TEARDOWN; 0 when the node has closed before. It tells that everything before it was read.
  func end() -> Int { ask("TEARDOWN", url, []).status }

  private func ask(_ method: String, _ url: String, _ headers: [String], _ body: [UInt8] = []) -> (status: Int, head: String) {
    sequence += 1
    var lines = ["\(method) \(url) RTSP/1.0", "CSeq: \(sequence)"] + headers
    if !session.isEmpty { lines.append("Session: \(session)") }
    if !body.isEmpty { lines.append("Content-Length: \(body.count)") }
    guard socket.write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body) else { return (0, "") }
    return answer()
  }

  /// The answer to the last request, among the node's RTCP.
  private func answer() -> (status: Int, head: String) {
    let wanted = "cseq: \(sequence)\r\n"
    var text = ""
    while case .bytes(let bytes) = socket.read() {
      text += String(decoding: bytes, as: UTF8.self)
      guard let found = text.lowercased().range(of: wanted),
        text[found.upperBound...].contains("\r\n\r\n") || text[found.lowerBound...].contains("\r\n\r\n"),
        let start = text[..<found.lowerBound].range(of: "RTSP/1.0 ", options: .backwards)
      else { continue }
      return (Int(text[start.upperBound...].prefix(3)) ?? 0, String(text[start.lowerBound...]))
    }
    return (0, text)
  }

  private static func value(_ name: String, in head: String) -> String {
    head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix(name + ":") }.map { String($0.dropFirst(name.count + 1)) }?
      .trimmingCharacters(in: .whitespaces) ?? ""
  }
}
