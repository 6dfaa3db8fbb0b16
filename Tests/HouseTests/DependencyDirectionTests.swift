import Foundation
import Testing

/// The rooms and who may import whom (README, "The house"). A new room or a new door is a decision: change it here on purpose.
private let doors: [String: Set<String>] = [
  "CLinux": [], "CNetworkLab": [], "CGStreamer": [], "CGStreamerShim": ["CGStreamer"],
  "CMediaMath": [],
  "Model": [],
  "Wire": ["Model"],
  "Settings": ["Model"],
  "SettingsFile": ["Settings", "Model"],
  "Pipelines": ["Model", "CGStreamer", "CGStreamerShim", "CMediaMath"],
  "Journal": ["Model", "CLinux"],
  "Measure": ["Model"],
  "Access": ["Model", "Settings"],
  "Hub": ["Model", "Settings", "Wire", "Measure", "Journal"],
  "Transport": ["Model", "CLinux"],
  "Gateway": ["Model", "Wire", "Measure", "Access", "Hub", "Transport"],
  "RTPMedia": ["Model", "Wire", "Measure", "Hub", "Gateway"],
  "RTSPGateway": ["Model", "Settings", "Wire", "Measure", "Access", "Hub", "Transport", "Gateway", "RTPMedia"],
  "RTMPGateway": ["Model", "Settings", "Gateway", "Wire", "Measure", "Access", "Hub", "Transport"],
  "Workers": ["Model", "Settings", "Wire", "Pipelines", "Hub", "CLinux"],
  "Archive": ["Model", "Settings", "Wire", "Pipelines", "Journal", "Hub"],
  "Evidence": ["Model"],
  "Cascade": ["Model", "Settings", "Journal", "Transport", "Hub", "Evidence"],
  "Command": ["Model", "Settings", "Journal", "Measure", "Hub", "Evidence"],
  "Report": ["Model", "Journal", "Measure", "Command"],
  "Web": ["Model", "Settings", "Journal", "Measure", "Hub", "Command", "Report"],
  "FirstFrameTesting": ["Model", "CNetworkLab"],
]

@Suite("The house")
struct DependencyDirectionTests {
  @Test("every room imports only the rooms its doors lead to")
  func direction() throws {
    let manifest = try packageDescription()
    let targets = try #require(manifest["targets"] as? [[String: Any]])
    var seen: Set<String> = []
    for target in targets {
      let name = try #require(target["name"] as? String)
      guard target["type"] as? String != "test", name != "firstframe" else { continue }
      seen.insert(name)
      let allowed = try #require(doors[name], "room \(name) has no doors yet: add it to the table")
      let used = Set(dependencies(of: target)).intersection(doors.keys)
      #expect(used.isSubset(of: allowed), "\(name) may not import \(used.subtracting(allowed).sorted())")
    }
    #expect(seen == Set(doors.keys), "the table names rooms that are gone: \(Set(doors.keys).subtracting(seen).sorted())")
  }

  @Test(
    "only Pipelines imports GStreamer, and only SettingsFile the YAML parser", arguments: [("CGStreamer", "Pipelines"), ("Yams", "SettingsFile")])
  func onlyImporter(library: String, room: String) throws {
    let sources = root.appendingPathComponent("Sources")
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var importers: Set<String> = []
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      if text.contains("import \(library)") { importers.insert(file.pathComponents[sources.pathComponents.count]) }
    }
    #expect(importers == [room])
  }

  private var root: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  }

  /// `swift package dump-package` of this very package.
  private func packageDescription() throws -> [String: Any] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // A scratch path of its own: the build that runs this test may hold the lock of the usual one.
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("firstframe-house-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    process.arguments = ["swift", "package", "--package-path", root.path, "--scratch-path", scratch.path, "dump-package"]
    var environment = ProcessInfo.processInfo.environment
    environment["FIRSTFRAME_ROOMS"] = nil
    process.environment = environment
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func dependencies(of target: [String: Any]) -> [String] {
    ((target["dependencies"] as? [[String: Any]]) ?? []).compactMap { entry in
      for key in ["byName", "target"] {
        if let list = entry[key] as? [Any], let name = list.first as? String { return name }
      }
      return nil
    }
  }
}
