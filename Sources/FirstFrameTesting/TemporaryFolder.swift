internal import Foundation

/// A folder of a test's own, gone with it.
public final class TemporaryFolder: Sendable {
  /// Absolute, without a slash at its end.
  public let path: String

  /// Makes it in the system's temporary folder.
  public init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("firstframe-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
