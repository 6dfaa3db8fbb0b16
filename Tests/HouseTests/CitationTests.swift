import Foundation
import Testing

/// Whatever the repository cites of its own pages is there: pages, sections, decisions, titles, files, links.
@Suite("Citations")
struct CitationTests {
  private static let places = ["Sources", "Tests", "scripts", "Config", "Fuzz", "Benchmarks", "pipelines", "Package.swift", "docs"]
  private static let prose = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
  private static let citing = Repository.files(
    in: places + prose, extensions: ["swift", "c", "h", "py", "yaml", "md", "js", "json", "html", "launch", "service"])
  private static let pages = Repository.files(in: ["docs"], extensions: ["md"]).filter { $0.hasSuffix(".md") } + prose + ["Benchmarks/README.md"]

  /// Headings of a page without their marks, and what it prints bold.
  private struct Page {
    var headings: [String] = []
    var bold: Set<String> = []

    init(_ path: String) throws {
      let text = try Repository.text(path)
      var isCode = false
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.hasPrefix("```") { isCode.toggle() }
        if !isCode, line.hasPrefix("#") { headings.append(line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces)) }
      }
      for match in text.matches(of: /\*\*([^*\n]+)\*\*/) { bold.insert(String(match.1)) }
    }

    func has(section: Substring) -> Bool { headings.contains { $0.hasPrefix(section + ".") || $0.hasPrefix(section + " ") } }
    func has(decision: Substring) -> Bool { headings.contains { $0.hasPrefix("Decision \(decision).") } }
    func has(title: Substring) -> Bool { headings.contains { $0 == title } || bold.contains(String(title)) }

    /// As GitHub makes anchors: lower case, spaces to hyphens, other marks left out.
    var anchors: Set<String> {
      Set(
        headings.map {
          String($0.lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }.map { $0 == " " ? "-" : $0 })
        })
    }
  }

  @Test("every page that is cited by name is there")
  func names() throws {
    for file in CitationTests.citing {
      guard let text = try? Repository.text(file) else { continue }
      for match in text.matches(of: /\b([a-z][a-z0-9-]+)\.md\b/) where !CitationTests.isAddress(match.range, in: text) {
        #expect(Repository.pages.contains(String(match.1)), "\(file) cites \(match.0), which is not in docs/")
      }
    }
  }

  @Test("every section, decision and title that is cited is in its page")
  func sections() throws {
    var pages: [String: Page] = [:]
    for path in CitationTests.pages where path.hasPrefix("docs/") {
      pages[URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent] = try Page(path)
    }
    var found = 0
    for file in CitationTests.citing {
      guard let text = try? Repository.text(file) else { continue }
      for match in text.matches(of: /\b([a-z]+(?:-[a-z]+)*)(?:\.md)?`?\)?,? §\s?([0-9]+(?:\.[0-9]+)*)/) {
        guard let page = pages[String(match.1)] else { continue }
        found += 1
        #expect(page.has(section: match.2), "\(file) cites \(match.0)")
      }
      for match in text.matches(of: /\b([a-z]+(?:-[a-z]+)*)\.md`?\)?, decision ([0-9]+)/) {
        found += 1
        #expect(pages[String(match.1)]?.has(decision: match.2) == true, "\(file) cites \(match.0)")
      }
      for match in text.matches(of: /\b([a-z]+(?:-[a-z]+)*)\.md(?: §[0-9.]+)?, "([^"\n]+)"/) {
        found += 1
        #expect(pages[String(match.1)]?.has(title: match.2) == true, "\(file) cites \(match.0)")
      }
    }
    // Were none found, the search would be wrong and not the pages right.
    #expect(found > 40)
  }

  @Test("every link of a page leads somewhere")
  func links() throws {
    for path in CitationTests.pages {
      let folder = (path as NSString).deletingLastPathComponent
      for match in try CitationTests.withoutCode(path).matches(of: /\]\(([^)\s]+)\)/) where !match.1.contains("://") {
        let parts = match.1.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let target = parts[0].isEmpty ? path : CitationTests.resolve(String(parts[0]), from: folder)
        guard Repository.exists(target) else {
          Issue.record("\(path) links to \(match.1)")
          continue
        }
        guard parts.count == 2, target.hasSuffix(".md") else { continue }
        #expect(try Page(target).anchors.contains(String(parts[1])), "\(path) links to \(match.1)")
      }
    }
  }

  @Test("every file that a page names is there")
  func files() throws {
    var found = 0
    for path in CitationTests.pages {
      for match in try CitationTests.withoutCode(path).matches(
        of: /`((?:Sources|Tests|docs|scripts|Config|Benchmarks|Fuzz|pipelines)\/[^`\s]+)[^`]*`/)
      {
        guard !match.1.contains(where: { "*<{…".contains($0) }) else { continue }
        found += 1
        let named = String(match.1.split(separator: ":")[0])
        #expect(Repository.exists(named), "\(path) names \(named)")
      }
    }
    #expect(found > 40)
  }

  /// Part of a URL, such as another project's page.
  private static func isAddress(_ range: Range<String.Index>, in text: String) -> Bool {
    let line = text[..<range.lowerBound].suffix(120).split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
    let word = line.split(whereSeparator: \.isWhitespace).last ?? ""
    return !line.hasSuffix(" ") && word.contains("://")
  }

  private static func resolve(_ target: String, from folder: String) -> String {
    var parts = folder.split(separator: "/").map(String.init)
    for part in target.split(separator: "/") {
      if part == ".." { parts = parts.dropLast() } else if part != "." { parts.append(String(part)) }
    }
    return parts.joined(separator: "/")
  }

  /// A page without its fenced blocks.
  private static func withoutCode(_ path: String) throws -> String {
    try Repository.text(path).replacing(/(?s)```.*?```/, with: "")
  }
}
