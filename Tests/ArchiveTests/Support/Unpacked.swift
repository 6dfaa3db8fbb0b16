import Foundation
import Testing

/// A data folder of an earlier version, unpacked into a folder of its own.
struct Unpacked {
  /// The data folder.
  let data: String
  private let folder: String

  /// - Parameter version: `0.1` for `Corpora/data-0.1.tar.gz`.
  init(version: String) async throws {
    folder = try Bench.temporary()
    let archive = try #require(Bundle.module.resourceURL).appendingPathComponent("Corpora/data-\(version).tar.gz")
    _ = try await Shell.run("/bin/tar", ["-xzf", archive.path, "-C", folder])
    data = folder + "/data"
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// Every file's bytes, by path.
  var contents: [String: Data] {
    get throws {
      var found: [String: Data] = [:]
      for case let path as String in FileManager.default.enumerator(atPath: data) ?? FileManager.DirectoryEnumerator() {
        let url = URL(fileURLWithPath: data + "/" + path)
        if (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true { found[path] = try Data(contentsOf: url) }
      }
      return found
    }
  }
}
