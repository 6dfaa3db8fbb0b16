import FirstFrameTesting
import Foundation
import Testing

/// The real captures of Tests/WireTests/Corpora, as seeds.
struct HostileCorpus {
  /// One device's session: what it announced and what it sent.
  struct Device {
    var sdp: [UInt8]
    var rtp: [[UInt8]]
    var rtcp: [[UInt8]]
  }

  let rtsp: [[UInt8]]
  let sdp: [[UInt8]]
  let rtmp: [[UInt8]]
  let devices: [Device]

  init() throws {
    rtsp = try HostileCorpus.files("rtsp", ".bytes").map(\.bytes)
    sdp = try HostileCorpus.files("sdp", ".sdp").map(\.bytes)
    rtmp = try HostileCorpus.files("rtmp", ".client").map(\.bytes)
    let rtp = Dictionary(uniqueKeysWithValues: try HostileCorpus.files("rtp", ".rtp").map { ($0.name, HostileCorpus.packets($0.bytes)) })
    let rtcp = Dictionary(uniqueKeysWithValues: try HostileCorpus.files("rtcp", ".rtcp").map { ($0.name, HostileCorpus.packets($0.bytes)) })
    let reports = rtcp.keys.sorted().flatMap { rtcp[$0] ?? [] }
    // MPEG-4 part 2 is refused at ANNOUNCE, and rightly.
    devices = try HostileCorpus.files("sdp", ".sdp").filter { !$0.name.contains("mpeg4") }.compactMap { file in
      rtp[file.name].map { Device(sdp: file.bytes, rtp: $0, rtcp: reports) }
    }
    try #require(rtsp.count > 10 && sdp.count > 10 && rtmp.count > 3 && devices.count > 10 && reports.count > 10)
  }

  private static func files(_ folder: String, _ ending: String) throws -> [(name: String, bytes: [UInt8])] {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let path = tests.appendingPathComponent("WireTests/Corpora/\(folder)").path
    return try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(ending) }.sorted().map { name in
      (String(name.dropLast(ending.count)), Array(try #require(FileManager.default.contents(atPath: path + "/" + name))))
    }
  }

  /// Packets with two bytes of length, big-endian, before each.
  private static func packets(_ bytes: [UInt8]) -> [[UInt8]] {
    var packets: [[UInt8]] = []
    var at = 0
    while at + 2 <= bytes.count {
      let length = Int(bytes[at]) << 8 | Int(bytes[at + 1])
      guard at + 2 + length <= bytes.count else { break }
      packets.append(Array(bytes[at + 2..<at + 2 + length]))
      at += 2 + length
    }
    return packets
  }
}

extension Mutator {
  /// `count` mutants, each of a sample in turn, spliced with another one.
  mutating func mutants(_ count: Int, of samples: [[UInt8]]) -> [[UInt8]] {
    guard !samples.isEmpty else { return [] }
    return (0..<count).map { index in
      mutate(samples[index % samples.count], with: samples[Int.random(in: 0..<samples.count, using: &self)])
    }
  }
}
