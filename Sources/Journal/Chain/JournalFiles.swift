internal import Model

/// The names in `DATA/journal/`.
enum JournalFiles {
  static let heads = "heads.jsonl"

  static func folder(_ dataFolder: String) -> String { dataFolder + "/journal" }

  /// `journal-000001.jsonl` …; more digits after a million files.
  static func name(_ index: Int) -> String {
    let digits = String(index)
    return "journal-" + String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits + ".jsonl"
  }

  /// More files than a journal ever has: 64 MiB each. A forged name must not make anybody count for ever.
  static let mostFiles = 99_999_999

  /// The index in a journal file's name; nil for any other file.
  static func index(_ name: String) -> Int? {
    guard name.hasPrefix("journal-"), name.hasSuffix(".jsonl"), let index = Int(name.dropFirst(8).dropLast(6)),
      (1...mostFiles).contains(index), self.name(index) == name
    else { return nil }
    return index
  }

  /// The indices there are, ascending.
  static func indices(_ dataFolder: String) throws(Fault) -> [Int] {
    var found: [Int] = []
    for name in try Disk.entries(folder(dataFolder)) { if let index = index(name) { found.append(index) } }
    return found.sorted()
  }
}
