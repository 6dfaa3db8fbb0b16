import Foundation
import Testing

/// One plain word for one thing, the field's own (docs/glossary.md): a reader need not guess what a name means.
@Suite("Language")
struct LanguageTests {
  /// Words that no identifier has, and what is meant instead.
  private static let instead = [
    "house": "context", "lane": "stream or track writer", "lanes": "stream or track writers", "depot": "pool", "bell": "wake, event descriptor",
    "reckon": "compute", "reckoning": "reducer", "reckons": "computes",
  ]

  /// Where the old words still stand: file and word. Nothing is added; who renames one takes it out here.
  private static let remaining: Set<String> = ["Sources/Workers/Pool/DecodePool.swift bell"]

  @Test("no identifier has a word that only we understand")
  func words() throws {
    for file in try SwiftText.sources() {
      for (line, name) in file.identifiers {
        let words = SwiftText.words(name)
        var bad = words.filter { LanguageTests.instead[$0] != nil }
        if zip(words, words.dropFirst()).contains(where: { $0 == "put" && $1 == "off" }) { bad.append("putOff") }
        for word in bad where !LanguageTests.remaining.contains("\(file.path) \(word)") {
          Issue.record("\(file.path):\(line) \(name): say \(LanguageTests.instead[word] ?? "delayed acknowledgement")")
        }
      }
    }
  }

  /// Where a function is still called `take`. Nothing is added; who renames one takes it out here.
  private static let stillTake: Set<String> = [
    "Sources/Journal/Chain/LineReader.swift", "Sources/Journal/Samples/SampleEncoder.swift", "Sources/Pipelines/Files/PipelineFileReader.swift",
    "Sources/Pipelines/Running/DecoderLog.swift", "Sources/Pipelines/Running/PipelineBus.swift",
    "Sources/Pipelines/Running/SampleHandler.swift", "Sources/Pipelines/Simulation/TestPatternSource.swift",
    "Sources/Workers/Pool/DecodePool.swift", "Sources/Workers/Pool/JobQueue.swift",
  ]

  @Test("a function's name says what it does: receive, read, apply, remove, next, … and not take")
  func verbs() throws {
    for file in try SwiftText.sources() {
      for (number, line) in file.code.enumerated() where line.contains(/\bfunc take\b/) {
        if !LanguageTests.stillTake.contains(file.path) { Issue.record("\(file.path):\(number + 1) \(line.trimmingCharacters(in: .whitespaces))") }
      }
    }
  }
}
