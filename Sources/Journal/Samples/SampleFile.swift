public import Model

/// A whole sample file in memory.
public struct SampleFile: Sendable {
  /// Below the data folder.
  public var name: String
  /// What the records are samples of.
  public var header: SampleHeader
  /// In the file's order; the last one may be incomplete.
  public var blocks: [SampleBlock]
  /// Where reading ended before the file did.
  public var problem: JournalProblem?

  /// All records in the order in which they were made: what figures are computed from.
  public var records: [SampleRecord] { blocks.flatMap(\.records) }

  /// Reads a file as far as it can be understood; throws where not even the header can be. Blocks.
  public init(dataFolder: String, name: String) throws(JournalProblem) {
    var reader = try SampleReader(path: dataFolder + "/" + name, name: name)
    self.name = name
    header = reader.header
    blocks = []
    do throws(JournalProblem) {
      while let block = try reader.next() { blocks.append(block) }
    } catch {
      problem = error
    }
  }

  /// The names of all sample files of a data folder, below it, in order. Blocks.
  public static func names(dataFolder: String) throws(Fault) -> [String] {
    var names: [String] = []
    for day in try Disk.entries(dataFolder + "/samples") {
      for file in (try? Disk.entries("\(dataFolder)/samples/\(day)")) ?? [] where file.hasSuffix(".ffs") {
        names.append("samples/\(day)/\(file)")
      }
    }
    return names
  }

  /// Holds every sample file against the `samples.block` facts of its node; empty when each block is as its fact says. Blocks.
  ///
  /// Bytes after the last fact (a session that still runs, or whose process was killed) are vouched for by nothing: of them only the form is checked.
  /// In the problems `line` is the block's number, 1 for the first.
  public static func verify(dataFolder: String, facts: some Sequence<Fact>) -> [JournalProblem] {
    var claims: [String: [Fact]] = [:]
    for fact in facts where fact.kind == FactKind.samplesBlock {
      if let file = fact["file"]?.stringValue { claims[file, default: []].append(fact) }
    }
    let found = (try? names(dataFolder: dataFolder)) ?? []
    return Set(found).union(claims.keys).sorted().flatMap { name in
      SampleVerifier(name: name, claims: claims[name] ?? []).run(dataFolder: dataFolder)
    }
  }
}
