import Foundation

/// The repository that the tests stand in, as files.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func text(_ path: String) throws -> String { try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8) }

  /// Whether a file or folder stands there; `path` may have a position or an anchor behind it.
  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path) }

  /// Texts below some folders (or files themselves), by their path from the root, in order.
  static func files(in places: [String], extensions: Set<String>) -> [String] {
    var found: [String] = []
    for place in places {
      let url = root.appendingPathComponent(place)
      guard let walk = FileManager.default.enumerator(at: url, includingPropertiesForKeys: nil) else { continue }
      if !url.hasDirectoryPath, extensions.contains(url.pathExtension) || url.pathExtension.isEmpty { found.append(place) }
      for case let file as URL in walk where extensions.contains(file.pathExtension) || file.pathExtension.isEmpty && !file.hasDirectoryPath {
        found.append(String(file.path.dropFirst(root.path.count + 1)))
      }
    }
    return Array(Set(found)).sorted()
  }

  /// Names of the pages in `docs/`, without `.md`.
  static let pages: Set<String> = Set(
    files(in: ["docs"], extensions: ["md"]).filter { $0.hasSuffix(".md") }.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent })
}
