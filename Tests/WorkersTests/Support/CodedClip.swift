import Foundation
import Model
import NIOCore

/// A clip that ffmpeg made, cut into access units with the times that ffprobe gives them.
struct CodedClip {
  let path: String
  let track: Track
  let units: [AccessUnit]

  /// The boot time of media time 0.
  static let start = BootTime(nanoseconds: 1_000_000_000_000)
  static func seconds(_ at: BootTime) -> Double { Double((at - start).value) / 1_000_000_000 }

  /// Pictures with an access unit delimiter before each.
  static func picture(_ filter: String, codec: Codec, options: [String], in folder: TemporaryFolder) async throws -> CodedClip {
    let path = folder.file("\(UUID().uuidString).mp4")
    let raw = folder.file("\(UUID().uuidString).bin")
    let encoder = codec == .h264 ? "libx264" : "libx265"
    let name = codec == .h264 ? "h264" : "hevc"
    try await Samples.run(
      "/usr/bin/ffmpeg",
      ["-v", "error", "-f", "lavfi", "-i", filter, "-pix_fmt", "yuv420p", "-c:v", encoder, "-preset", "ultrafast"] + options + [path])
    let filters = "\(name)_mp4toannexb,\(name)_metadata=aud=insert"
    try await Samples.run("/usr/bin/ffmpeg", ["-v", "error", "-i", path, "-c", "copy", "-bsf:v", filters, "-f", name, raw])
    let nals = Samples.nalUnits([UInt8](try Data(contentsOf: URL(fileURLWithPath: raw))))
    func kind(_ nal: [UInt8]) -> UInt8 { codec == .h264 ? nal[0] & 31 : nal[0] >> 1 & 63 }
    let delimiter: UInt8 = codec == .h264 ? 9 : 35
    var groups: [[[UInt8]]] = []
    for nal in nals where !nal.isEmpty {
      if kind(nal) == delimiter { groups.append([]) } else if !groups.isEmpty { groups[groups.count - 1].append(nal) }
    }
    let sets = nals.filter { codec == .h264 ? [7, 8].contains(kind($0)) : [32, 33, 34].contains(kind($0)) }
    func of(_ number: UInt8) -> [[UInt8]] { Array(sets.filter { kind($0) == number }.prefix(1)) }
    var track = Track(index: 0, codec: codec, clockRate: 90_000)
    track.parameters = codec == .h264 ? .h264(sps: of(7), pps: of(8)) : .h265(vps: of(32), sps: of(33), pps: of(34))
    let packets = try await packets(of: path)
    guard packets.count == groups.count else { throw Samples.Failed(what: "\(groups.count) units, \(packets.count) packets") }
    let units = try zip(groups, packets).enumerated().map { index, part in
      try unit(Samples.lengthPrefixed(part.0), index, seconds: part.1.seconds, isKey: part.1.isKey, clock: 90_000)
    }
    return CodedClip(path: path, track: track, units: units)
  }

  /// Sound, in a container whose packets are the units.
  static func sound(_ filter: String, codec: Codec, in folder: TemporaryFolder) async throws -> CodedClip {
    let (encoder, rate): (String, Int32) =
      switch codec {
      case .aac: ("aac", 48_000)
      case .opus: ("libopus", 48_000)
      case .pcma: ("pcm_alaw", 8000)
      default: ("pcm_mulaw", 8000)
      }
    let path = folder.file("\(UUID().uuidString).mka")
    try await Samples.run(
      "/usr/bin/ffmpeg", ["-v", "error", "-f", "lavfi", "-i", filter, "-ar", "\(rate)", "-ac", codec == .opus ? "2" : "1", "-c:a", encoder, path])
    let dump = folder.file("\(UUID().uuidString).json")
    try await Samples.run(
      "/bin/sh", ["-c", "ffprobe -v error -show_packets -show_streams -show_data -of json \"$0\" > \"$1\"", path, dump])
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: dump))) as? [String: Any] ?? [:]
    let packets = json["packets"] as? [[String: Any]] ?? []
    var track = Track(index: 1, codec: codec, clockRate: rate, channels: codec == .opus ? 2 : 1)
    let extra = ((json["streams"] as? [[String: Any]])?.first?["extradata"] as? String).map(bytes) ?? []
    if codec == .aac { track.parameters = .aac(audioSpecificConfig: extra) }
    let units = try packets.enumerated().map { index, packet in
      try unit(bytes(packet["data"] as? String ?? ""), index, seconds: Double(packet["pts_time"] as? String ?? "") ?? 0, isKey: true, clock: rate)
    }
    return CodedClip(path: path, track: track, units: units)
  }

  private static func unit(_ payload: [UInt8], _ index: Int, seconds: Double, isKey: Bool, clock: Int32) throws -> AccessUnit {
    guard let name = StreamName("live/cam1") else { throw Samples.Failed(what: "name") }
    let at = start + Nanoseconds(Int64((seconds * 1_000_000_000).rounded()))
    return AccessUnit(
      id: AccessUnitID(origin: UnitOrigin(node: "n", path: name), epoch: 1, number: UInt64(index + 1)), track: 0,
      pts: MediaTime(value: Int64((seconds * Double(clock)).rounded()), timescale: clock), firstArrival: at, arrival: at,
      flags: isKey ? [.key, .clean] : [.clean], payload: ByteBuffer(bytes: payload))
  }

  private static func packets(of path: String) async throws -> [(seconds: Double, isKey: Bool)] {
    let list = path + ".csv"
    try await Samples.run(
      "/bin/sh", ["-c", "ffprobe -v error -select_streams v -show_entries packet=pts_time,flags -of csv=p=0 \"$0\" > \"$1\"", path, list])
    return try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n").map { line in
      let fields = line.split(separator: ",")
      return (Double(fields.first ?? "") ?? -1, fields.count > 1 && fields[1].hasPrefix("K"))
    }
  }

  /// Bytes of ffprobe's hexdump: `00000000: 1190 56e5 00            ..V..`.
  private static func bytes(_ dump: String) -> [UInt8] {
    dump.split(separator: "\n").flatMap { line -> [UInt8] in
      guard let colon = line.firstIndex(of: ":") else { return [] }
      let digits = line[line.index(after: colon)...].prefix(41).filter(\.isHexDigit)
      return Hex.decode(String(digits)) ?? []
    }
  }

  /// What ffmpeg's detectors say of the clip, by the names they print: `black_start`, `freeze_end`, `silence_start` …
  func referee(_ filters: [String], in folder: TemporaryFolder) async throws -> [String: [Double]] {
    let log = folder.file("\(UUID().uuidString).log")
    let script = "log=$1; shift; ffmpeg -hide_banner -nostats \"$@\" -f null - 2> \"$log\""
    try await Samples.run("/bin/sh", ["-c", script, "sh", log, "-i", path] + filters)
    let text = try String(contentsOfFile: log, encoding: .utf8)
    var found: [String: [Double]] = [:]
    for name in ["black_start", "black_end", "freeze_start", "freeze_end", "silence_start", "silence_end"] {
      for part in text.components(separatedBy: name + ":").dropFirst() {
        let number = part.drop { $0 == " " }.prefix { $0.isNumber || $0 == "." || $0 == "-" }
        if let value = Double(number) { found[name, default: []].append(value) }
      }
    }
    return found
  }
}
