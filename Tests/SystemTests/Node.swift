import Foundation
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A running `firstframe serve` on ports that the kernel chose.
final class Node {
  private let process = Process()
  private let output: String
  private(set) var rtsp = 0
  private(set) var rtmp = 0
  private(set) var http = 0
  private(set) var control = 0

  /// - Parameters:
  ///   - config: its configuration file; none leaves every key at its default.
  ///   - prefix: a command to run it under, such as `unshare …`; it must end with the node or be killed with it.
  ///   - program: another one than the product beside the tests.
  ///   - log: where its log goes at level info; nil shows errors among the tests' own output.
  init(
    data: String, config: String? = nil, settings: [String] = [], prefix: [String] = [], environment extra: [String: String] = [:],
    program: String = Program.firstframe, log: String? = nil
  ) throws {
    output = data + "-ports-\(UUID().uuidString)"
    _ = FileManager.default.createFile(atPath: output, contents: nil)
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let ports = ["rtsp.port=0", "rtmp.port=0", "http.port=0", "control.port=0"] + settings
    process.arguments =
      prefix + [program, "serve", "--json", "--log-level", log == nil ? "error" : "info", "--data", data] + (config.map { ["--config", $0] } ?? [])
      + ports.flatMap { ["--set", $0] }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    process.standardInput = FileHandle.nullDevice
    if let log {
      _ = FileManager.default.createFile(atPath: log, contents: nil)
      process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    }
    var environment = ProcessInfo.processInfo.environment
    environment["FIRSTFRAME_EXIT_WITH_PARENT"] = "1"
    environment.merge(extra) { $1 }
    process.environment = environment
    try process.run()
  }

  /// Waits until every port is bound; the node tells by printing them.
  func awaitReady() async throws {
    try await self.await {
      guard let data = FileManager.default.contents(atPath: self.output),
        let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first,
        let ports = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      else { return false }
      self.rtsp = ports["rtsp"] as? Int ?? 0
      self.rtmp = ports["rtmp"] as? Int ?? 0
      self.http = ports["http"] as? Int ?? 0
      self.control = ports["control"] as? Int ?? 0
      return true
    }
  }

  var processIdentifier: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }

  /// How many files and sockets it holds open.
  var descriptors: Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(processIdentifier)/fd").count) ?? 0 }

  /// Asks until it is so; fails after 40 s or when the node is gone.
  func await(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<800 {
      if try await condition() { return }
      try #require(process.isRunning, "the node ended")
      try await Task.sleep(nanoseconds: 50_000_000)
    }
    Issue.record("waited in vain for 40 s")
  }

  func get(_ path: String) async throws -> [String: Any] {
    let url = try #require(URL(string: "http://127.0.0.1:\(http)\(path)"))
    let (data, _) = try await URLSession.shared.data(from: url)
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  /// Posts a JSON object and returns the answer.
  @discardableResult
  func post(_ path: String, _ body: [String: Any]) async throws -> [String: Any] {
    var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(http)\(path)")))
    request.httpMethod = "POST"
    request.httpBody = try JSONSerialization.data(withJSONObject: body)
    let (data, answer) = try await URLSession.shared.data(for: request)
    let status = (answer as? HTTPURLResponse)?.statusCode ?? 0
    try #require((200..<300).contains(status), "\(path): \(status) \(String(decoding: data, as: UTF8.self))")
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  func segments(of stream: String) async throws -> [[String: Any]] {
    try await get("/api/v1/archive/\(stream)")["segments"] as? [[String: Any]] ?? []
  }

  func kill() {
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  func stop() {
    process.terminate()
    process.waitUntilExit()
  }

  deinit { if process.isRunning { kill() } }
}
