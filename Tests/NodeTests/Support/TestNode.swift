import FirstFrameTesting
import Foundation
import Logging
import Model
import Settings
import SettingsFile
import Workers

@testable import firstframe

/// A whole node in this process, without workers: a data folder and ports of its own.
struct TestNode {
  /// Workers are processes of the product; here nobody decodes.
  private struct NoWorkers: WorkerLauncher {
    func launch(socketPath: String) throws(Fault) -> any WorkerHandle { throw Fault(.workerDied, "none in this test") }
  }

  static let configuration = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Config/firstframe.yaml").path
  static let labels = ["rtsp", "rtmp", "http", "control"]

  private let temporary: TemporaryFolder
  /// RTSP, RTMP, HTTP, control.
  let ports: [Int]

  init() throws {
    temporary = try TemporaryFolder()
    ports = try FreePorts.find(4)
  }

  var folder: String { temporary.path }

  func start() async throws -> RelayNode {
    var tree = ConfigNode.map([:])
    for (label, port) in zip(TestNode.labels, ports) { try tree.set("\(label).port", to: .scalar(String(port))) }
    return try await RelayNode.start(
      try NodeSettings(tree, dataFolder: folder), configuration: TestNode.configuration, launcher: NoWorkers(),
      logger: Logger(label: "node") { _ in SwiftLogNoOpLogHandler() })
  }

  /// The facts in its journal, as lines.
  func journal() throws -> [String] {
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder + "/journal").filter { $0.hasSuffix(".jsonl") }.sorted()
    return try files.flatMap { try String(contentsOfFile: "\(folder)/journal/\($0)", encoding: .utf8).split(separator: "\n").map(String.init) }
  }

  /// Files of its data folder that this process holds open.
  func openFiles() -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return files.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }.filter { $0.hasPrefix(folder) }
  }

  /// Threads of this process that a node makes, by name.
  static func threads() -> [String] {
    let own = ["journal", "projection", "samples", "ff-media", "ff-accept", "ff-worker-0", "ff-worker-1"]
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    let names = threads.compactMap { try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8) }
    return names.map { $0.trimmingCharacters(in: .newlines) }.filter { own.contains($0) }.sorted()
  }
}
