import FirstFrameTesting
import Glibc

/// A camera in the field that publishes its footage by RTSP over UDP, paced by the clock: frames at their rate, packets of a frame 150 µs apart.
struct FieldCamera: Sendable {
  static let rtpPort: UInt16 = 5000
  static let spacing: Int64 = 150_000

  let footage: Footage
  let port: UInt16
  let stream: String

  /// Films to the end, waits until all must have arrived, says goodbye. Blocks: on a thread of its own in the field's namespace.
  /// - Parameter patience: nanoseconds that the last packets may be under way.
  func film(patience: Int64) throws {
    let rtp = try FieldSocket.datagrams(FieldCamera.rtpPort)
    let rtcp = try FieldSocket.datagrams(FieldCamera.rtpPort + 1)
    let control = try FieldSocket.connection(to: port)
    let target = try begin(control)
    var start = timespec()
    clock_gettime(CLOCK_MONOTONIC, &start)
    for (index, frame) in footage.frames.enumerated() {
      for packet in 0..<frame.count {
        FieldCamera.sleep(until: start, plus: Int64(index) * footage.frameNanoseconds + Int64(packet) * FieldCamera.spacing)
        try rtp.send(footage.packet(packet, of: frame), to: target)
      }
    }
    FieldCamera.sleep(until: start, plus: Int64(footage.frames.count) * footage.frameNanoseconds + patience)
    _ = try ask(control, "TEARDOWN", 4)
    withExtendedLifetime(rtcp) {}
  }

  private func begin(_ control: FieldSocket) throws -> UInt16 {
    let body = footage.description
    _ = try ask(control, "ANNOUNCE", 1, "Content-Type: application/sdp\r\nContent-Length: \(body.utf8.count)\r\n", body)
    let ports = "\(FieldCamera.rtpPort)-\(FieldCamera.rtpPort + 1)"
    let answer = try ask(control, "SETUP", 2, "Transport: RTP/AVP;unicast;client_port=\(ports);mode=record\r\n", track: "/trackID=0")
    guard let told = answer.split(separator: "server_port=").last?.split(separator: "-").first, let target = UInt16(told) else {
      throw LabTrouble("no server_port in \(answer)")
    }
    _ = try ask(control, "RECORD", 3)
    return target
  }

  private func ask(
    _ control: FieldSocket, _ method: String, _ cseq: Int, _ headers: String = "", _ body: String = "", track: String = ""
  ) throws -> String {
    let url = "rtsp://\(NetworkLab.centreAddress):\(port)/\(stream)\(track)"
    try control.send("\(method) \(url) RTSP/1.0\r\nCSeq: \(cseq)\r\n\(headers)\r\n\(body)")
    let answer = try control.answer()
    guard answer.hasPrefix("RTSP/1.0 200") else { throw LabTrouble("\(method): \(answer)") }
    return answer
  }

  private static func sleep(until start: timespec, plus nanoseconds: Int64) {
    var instant = start
    let sum = Int64(start.tv_nsec) + nanoseconds
    instant.tv_sec += Int(sum / 1_000_000_000)
    instant.tv_nsec = Int(sum % 1_000_000_000)
    while clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &instant, nil) == EINTR {}
  }
}
