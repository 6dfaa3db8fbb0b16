public import Journal
public import Measure
public import Model

/// A data folder's figures made again from its journal and sample files alone, and what of them is damaged (docs/recompute.md).
public struct RecomputedFolder: Sendable {
  /// In the journal's order; up to the first one that is broken.
  public let facts: [Fact]
  /// One for each sample file that has a readable head.
  public let sessions: [Recomputation.Session]
  /// Every figure made again, and where it differs from what was published.
  public let recomputation: Recomputation
  /// Empty when journal, heads and samples are as they were written.
  public let problems: [JournalProblem]

  /// Blocks. Throws ``FaultCode/journalBroken`` where not even one fact can be read.
  /// - Parameter sha256: of a text's UTF-8 bytes, lower-case hexadecimal.
  public init(dataFolder: String, sha256: (String) -> String) throws(Fault) {
    var problems = Journal.verify(dataFolder: dataFolder)
    let (facts, broken) = Journal.read(dataFolder: dataFolder)
    guard !facts.isEmpty else { throw Fault(.journalBroken, broken.map { "\($0)" } ?? "\(dataFolder): no facts") }
    problems += SampleFile.verify(dataFolder: dataFolder, facts: facts)
    var sessions: [Recomputation.Session] = []
    for name in try SampleFile.names(dataFolder: dataFolder) {
      do throws(JournalProblem) {
        let file = try SampleFile(dataFolder: dataFolder, name: name)
        sessions.append(Recomputation.Session(header: file.header, records: file.records))
        if let problem = file.problem, !problems.contains(problem) { problems.append(problem) }
      } catch {
        if !problems.contains(error) { problems.append(error) }
      }
    }
    self.facts = facts
    self.sessions = sessions
    self.problems = problems
    recomputation = Recomputation(facts: facts, sessions: sessions, sha256: sha256)
  }

  /// Whether nothing is damaged and everything published comes out again.
  public var isSound: Bool { problems.isEmpty && recomputation.differences.isEmpty }
}
