import Dispatch
import FirstFrameTesting
import Foundation
import Model

/// A second referee for jitter: Wireshark's own computation (`tshark -z rtp,streams`) over a capture that is written from the truth log, with the
/// kernel's stamps, with payload type 33, of which Wireshark knows the clock rate of 90 kHz, and without markers, which Wireshark takes for the start
/// of a talk spurt and leaves out of the mean.
enum Tshark {
  static let isThere = Programs.exist("tshark")

  /// Milliseconds.
  static func jitter(_ referee: Referee) async throws -> (mean: Double, maximum: Double) {
    let folder = FileManager.default.temporaryDirectory.appending(path: "ff-lab-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "arrivals.pcap")
    try Data(capture(referee)).write(to: file)
    let port = referee.arrivals.first?.destinationPort ?? 0
    let text = try await output(["-r", file.path, "-d", "udp.port==\(port),rtp", "-q", "-z", "rtp,streams"])
    guard let line = text.split(separator: "\n").first(where: { $0.contains(NetworkLab.centreAddress) }) else {
      throw LabTrouble("tshark sees no stream: \(text)")
    }
    // … lost (percent) | delta min mean max | jitter min mean max | problems
    let numbers = line.split(separator: " ").compactMap { Double($0) }
    guard numbers.count >= 6 else { throw LabTrouble("tshark says \(line)") }
    let last = numbers.suffix(2)
    return (last.first ?? 0, last.last ?? 0)
  }

  /// A pcap file with nanoseconds, raw IPv4: header and RTP header of each packet are enough.
  private static func capture(_ referee: Referee) -> [UInt8] {
    var bytes: [UInt8] = []
    func little(_ value: Int64) { withUnsafeBytes(of: UInt32(truncatingIfNeeded: value).littleEndian) { bytes += $0 } }
    func big16(_ value: Int) -> [UInt8] { [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)] }
    for word in [0xA1B2_3C4D, 0x0004_0002, 0, 0, 65_535, 101] as [Int64] { little(word) }
    for row in referee.arrivals {
      guard let stamp = row.stamp, let rtp = row.rtp else { continue }
      let payload = 20
      var packet: [UInt8] = [0x45, 0] + big16(28 + 12 + payload) + [0, 0, 0, 0, 64, 17, 0, 0, 10, 78, 0, 1, 10, 78, 0, 2]
      packet += big16(Int(row.sourcePort)) + big16(Int(row.destinationPort)) + big16(8 + 12 + payload) + [0, 0]
      packet += [0x80, 33] + big16(Int(rtp.sequenceNumber))
      withUnsafeBytes(of: rtp.timestamp.bigEndian) { packet += $0 }
      packet += [0, 0, 4, 210] + [UInt8](repeating: 0, count: payload)
      little(stamp.nanoseconds / 1_000_000_000)
      little(stamp.nanoseconds % 1_000_000_000)
      little(Int64(packet.count))
      little(Int64(packet.count))
      bytes += packet
    }
    return bytes
  }

  private static func output(_ words: [String]) async throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["tshark"] + words
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        continuation.resume(returning: String(decoding: data, as: UTF8.self))
      }
    }
  }
}
