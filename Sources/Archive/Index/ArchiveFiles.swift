internal import Crypto
internal import Model

/// The names below `DATA`: made of identifiers only.
enum ArchiveFiles {
  static let index = "index.sqlite"
  static let heads = "heads.jsonl"
  static let quarantine = "quarantine"
  /// Files that belong beside the streams' folders.
  static let own: Set<String> = [index, index + "-wal", index + "-shm", index + "-journal", heads, quarantine]

  static func folder(_ dataFolder: String) -> String { dataFolder + "/archive" }

  /// 16 digits: the first half of SHA-256 of the name. 2⁻⁴⁴ for a clash among a thousand streams; the index refuses one.
  static func id(of stream: StreamName) -> String {
    String(Hex.encode(SHA256.hash(data: Array(("stream\n" + stream.path).utf8))).prefix(16))
  }

  static func isID(_ name: String) -> Bool { name.utf8.count == 16 && Hex.decode(name) != nil && name == name.lowercased() }

  /// `00000001.mkv` …
  static func segment(_ sequence: Int64) -> String {
    let digits = String(sequence)
    return String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits + ".mkv"
  }

  static func part(_ sequence: Int64) -> String { segment(sequence) + ".part" }

  /// The number in a segment's or open segment's name; nil for any other file.
  static func sequence(_ name: String) -> (number: Int64, isPart: Bool)? {
    let isPart = name.hasSuffix(".part")
    let stem = isPart ? String(name.dropLast(5)) : name
    guard stem.hasSuffix(".mkv"), let number = Int64(stem.dropLast(4)), number > 0, segment(number) == stem else { return nil }
    return (number, isPart)
  }
}
