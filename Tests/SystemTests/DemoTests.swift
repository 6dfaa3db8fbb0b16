import Foundation
import Testing

/// Whether the province can have a boot clock of its own here.
private let canShiftBootTime: Bool = {
  guard getuid() == 0 else { return false }
  return (try? Program.run("unshare", ["--time", "--boottime", "8640000", "--fork", "true"]).status) == 0
}()

@Suite("The whole product, as the demo shows it", .serialized)
struct DemoTests {
  /// One demo serves all checks: it is minutes of a CI machine's time.
  private static func demo() throws -> (folder: TemporaryFolder, result: [String: Any], status: Int32, text: String) {
    let folder = try TemporaryFolder()
    let json = folder.path + "/out.json"
    var arguments = ["demo", "--seconds", "24", "--json", json, "--keep", folder.path + "/demo"]
    if canShiftBootTime { arguments += ["--province-boot-offset", "8640000"] }
    let outcome = try Program.run(Program.firstframe, arguments)
    let data = FileManager.default.contents(atPath: json) ?? Data()
    let result = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
    return (folder, result, outcome.status, outcome.output + outcome.errors)
  }

  @Test("both first pictures are proven, four devices recorded, the gap listed; the inspector's checks hold and see every change")
  func demo() throws {
    let (folder, result, status, text) = try DemoTests.demo()
    try #require(status == 0, "\(text)")
    let county = try #require(result["county"] as? [String: Any])
    let seconds = try #require(county["seconds"] as? Double)
    #expect(seconds > 0 && seconds < 24)
    let province = try #require(result["province"] as? [String: Any])
    for name in ["countyBracket", "provinceBracket"] {
      let bracket = try #require(province[name] as? [String: Any], "\(name)")
      let lower = try #require(bracket["lowerSeconds"] as? Double)
      let upper = try #require(bracket["upperSeconds"] as? Double)
      #expect(lower <= upper)
      // Both bracket the same few seconds although the province's boot clock is a hundred days ahead.
      #expect(upper < 24 && lower > -2)
    }
    #expect(province["receiptVerified"] as? Bool == true)
    #expect(result["verdict"] as? String == "pass")
    let devices = try #require(result["devices"] as? [[String: Any]])
    #expect(devices.count == 4)
    for device in devices {
      let name = device["name"] as? String ?? ""
      #expect((device["segments"] as? [Any] ?? []).count >= 1, "\(name)")
      let quality = try #require(device["quality"] as? [String: Any], "\(name)")
      #expect((quality["framesReceived"] as? Int ?? 0) > 100, "\(name)")
      #expect((quality["packetsLost"] as? Int ?? -1) == 0, "\(name)")
    }
    let killed = try #require(devices.first { $0["name"] as? String == "body01" })
    let gaps = killed["gaps"] as? [[String: Any]] ?? []
    #expect(gaps.contains { (($0["toNs"] as? Int) ?? 0) - (($0["fromNs"] as? Int) ?? 0) > 1_500_000_000 })
    try inspect(folder.path + "/demo/county", incident: result["incident"] as? String ?? "")
  }

  private func inspect(_ data: String, incident: String) throws {
    let receipts = data + "/receipts"
    let verified = try Program.run(
      "openssl",
      [
        "pkeyutl", "-verify", "-pubin", "-inkey", "\(receipts)/pub.pem", "-rawin", "-in", "\(receipts)/\(incident).json", "-sigfile",
        "\(receipts)/\(incident).sig",
      ])
    #expect(verified.status == 0, "\(verified.output) \(verified.errors)")
    let archive = try Program.run(Program.firstframe, ["archive", "check", "--data", data])
    #expect(archive.status == 0, "\(archive.output)")
    let recomputed = try Program.run(Program.firstframe, ["recompute", "--data", data])
    #expect(recomputed.status == 0, "\(recomputed.output)")
    try recomputeByOthers(data, incident: incident)

    let segment = try #require(files(under: data + "/archive", ending: ".mkv").first)
    try flip(segment)
    let flipped = try Program.run(Program.firstframe, ["archive", "check", "--data", data])
    #expect(flipped.status == 1)
    #expect(flipped.output.contains((segment as NSString).lastPathComponent), "\(flipped.output)")

    let journal = try #require(files(under: data + "/journal", ending: "journal-000001.jsonl").first)
    try flip(journal)
    let broken = try Program.run(Program.firstframe, ["recompute", "--data", data])
    #expect(broken.status == 1)
    #expect(broken.output.contains("journal-000001.jsonl:"), "\(broken.output)")
  }

  /// The script that shares no code with the program prints the same bytes, for the county and for the province.
  private func recomputeByOthers(_ data: String, incident: String) throws {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("scripts/recompute.py").path
    for folder in [data, (data as NSString).deletingLastPathComponent + "/province"] {
      let ours = try Program.run(Program.firstframe, ["recompute", "--data", folder, "--json"])
      let theirs = try Program.run("python3", [script, folder])
      #expect(theirs.status == 0 && ours.status == 0, "\(theirs.errors) \(ours.errors)")
      let isSame = theirs.output == ours.output
      if folder != data { try expectDelays(ours.output) }
      #expect(isSame, "\(folder)\nours   \(ours.output.prefix(3000))\ntheirs \(theirs.output.prefix(3000))")
    }
    let rates = try Program.run(Program.firstframe, ["rates", "--data", data, "--json"])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(rates.output.utf8)) as? [String: Any])
    let thirtyMinute = try #require(object["thirtyMinute"] as? [String: Any])
    #expect(thirtyMinute["numerator"] as? Int == 1)
    #expect(thirtyMinute["denominator"] as? Int == 1)
    let connection = try #require(object["connection"] as? [String: Any])
    #expect((connection["numerator"] as? Int ?? 0) >= 1)
    let policy = script.replacingOccurrences(of: "scripts/recompute.py", with: "Config/policies/thirty-minute.yaml")
    let diff = try Program.run(Program.firstframe, ["policy", "diff", policy, policy, "--data", data, "--json"])
    #expect(diff.status == 0, "\(diff.errors)")
    #expect(diff.output.contains("\"judged\":{\"incidents\":1"), "\(diff.output.prefix(300))")
  }

  /// The way up took less than a second and more than nothing, whatever the two boot clocks say.
  private func expectDelays(_ province: String) throws {
    let object = try #require(try JSONSerialization.jsonObject(with: Data(province.utf8)) as? [String: Any])
    let windows = (object["windows"] as? [[String: Any]] ?? []).filter { $0["hop"] as? String == "centre" }
    var measured = 0
    for window in windows {
      guard let low = window["oneWayDelayLowNs"] as? [String: Int], let high = window["oneWayDelayHighNs"] as? [String: Int] else { continue }
      measured += low["count"] ?? 0
      let (least, most) = (try #require(low["p50"]), try #require(high["p50"]))
      #expect(least <= most && most > 0 && least > -1_000_000_000 && most < 1_000_000_000)
    }
    #expect(measured >= 20, "\(windows.count) windows")
  }

  private func files(under folder: String, ending: String) -> [String] {
    let found = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
    return found.filter { $0.hasSuffix(ending) && !$0.contains("quarantine") }.sorted().map { folder + "/" + $0 }
  }

  /// Flips one bit in the middle.
  private func flip(_ path: String) throws {
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    let middle = try file.seekToEnd() / 2
    try file.seek(toOffset: middle)
    let byte = try #require(try file.read(upToCount: 1)?.first)
    try file.seek(toOffset: middle)
    try file.write(contentsOf: Data([byte ^ 1]))
    try file.close()
  }
}
