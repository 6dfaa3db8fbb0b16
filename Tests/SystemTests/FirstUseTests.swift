import Foundation
import Testing

/// The program as a new crew, operator or inspector runs it: what it says was done was done, and its exit code tells the same.
@Suite("First use", .serialized)
struct FirstUseTests {
  private func run(_ arguments: [String]) throws -> (status: Int32, text: String) {
    let outcome = try Program.run(Program.firstframe, arguments)
    return (outcome.status, outcome.output + outcome.errors)
  }

  @Test("a path that is wrong is called wrong by every command that takes a folder, with exit code 2 and no figures")
  func wrongPaths() throws {
    for command in [
      ["recompute"], ["rates"], ["rates", "--json"], ["archive", "check"], ["report"], ["inspect"], ["key", "list"], ["key", "revoke", "a"],
      ["pair", "--data", "/nosuch/data"],
    ] {
      let (status, text) = try run(command + (command.contains("--data") ? [] : ["--data", "/nosuch"]))
      #expect(status == 2 && text.contains("路径不对") && text.contains("/nosuch"), "\(command): \(status) \(text)")
      #expect(!text.contains("NSError") && !text.contains("0/0"), "\(command): \(text)")
    }
    #expect(!FileManager.default.fileExists(atPath: "/nosuch"))
  }

  @Test("pushing where nobody listens fails, says so, is never on the air, and shows no key", arguments: ["rtsp", "rtmp"])
  func noServer(scheme: String) throws {
    let address = scheme == "rtsp" ? "rtsp://cam1:geheim@127.0.0.1:1/live/cam1" : "rtmp://127.0.0.1:1/live/cam1?key=geheim"
    let (status, text) = try run(["push", address, "--size", "320x240", "--no-audio"])
    #expect(status == 1, "\(text)")
    #expect(text.contains("推流失败") && !text.contains("on the air") && !text.contains("geheim"), "\(text)")
  }

  @Test("what is no address, or a path that is no stream, is refused at once")
  func noAddress() throws {
    #expect(try run(["push", "http://127.0.0.1/live/cam1?key=geheim"]).status == 2)
    let (status, text) = try run(["push", "rtsp://127.0.0.1:1/"])
    #expect(status == 1 && text.contains("流名称不合规"), "\(text)")
  }

  @Test("a node with keys: a wrong key and a path that the key does not open are errors, the right one is on the air, and the log tells all of it")
  func keys() async throws {
    let folder = try TemporaryFolder()
    let data = folder.path + "/data"
    let added = try run(["key", "add", "cam1", "--path", "live/cam1", "--publish", "--days", "30", "--json", "--data", data])
    let secret = try #require(
      (try JSONSerialization.jsonObject(with: Data(added.text.utf8)) as? [String: Any])?["secret"] as? String, "\(added.text)")
    let node = try Node(data: data, settings: ["access.mode=keys"], log: folder.path + "/log")
    try await node.awaitReady()
    let log = { (try? String(contentsOfFile: folder.path + "/log", encoding: .utf8)) ?? "" }
    #expect(log().contains("the administrator's key: admin"), "made although a key was there: \(log())")
    let film = ["--size", "320x240", "--no-audio", "--seconds", "1"]
    for (address, words) in [
      ("rtsp://cam1:wrong@127.0.0.1:\(node.rtsp)/live/cam1", "用户名或密钥不正确"),
      ("rtmp://127.0.0.1:\(node.rtmp)/live/cam1?key=wrong", "用户名或密钥不正确"),
      ("rtsp://cam1:\(secret)@127.0.0.1:\(node.rtsp)/live/other", "没有权限"), ("rtmp://127.0.0.1:\(node.rtmp)/live/other?key=\(secret)", "没有权限"),
    ] {
      let (status, text) = try run(["push", address] + film)
      #expect(status == 1 && text.contains(words), "\(status) \(text)")
      #expect(!text.contains("on the air") && !text.contains(secret) && !text.contains("wrong@"), "\(text)")
    }
    for address in ["rtsp://cam1:\(secret)@127.0.0.1:\(node.rtsp)/live/cam1", "rtmp://127.0.0.1:\(node.rtmp)/live/cam1?key=\(secret)"] {
      let (status, text) = try run(["push", address] + film)
      #expect(status == 0 && text.contains("推送 | on the air") && !text.contains(secret), "\(status) \(text)")
    }
    node.stop()
    for line in [
      "access refused", "reason=credentialsWrong", "reason=accessDenied", "publisher on the air", "publisher gone", "key=cam1", "stream=live/cam1",
    ] { #expect(log().contains(line), "\(line): \(log())") }
    #expect(!log().contains(secret))
  }

  @Test("a device that is not there is no attempt of 联通率, and a node that is not there is called so")
  func connectionCheck() async throws {
    let folder = try TemporaryFolder()
    let node = try Node(data: folder.path + "/data")
    try await node.awaitReady()
    let (status, text) = try run(["connection", "check", "NOSUCHDEVICE", "--node", "http://127.0.0.1:\(node.http)"])
    #expect(status == 1 && text.contains("没有登记该设备"), "\(text)")
    let health = try await node.get("/healthz")
    #expect(health["status"] as? String == "ok")
    node.stop()
    let rates = try run(["rates", "--data", folder.path + "/data"])
    #expect(rates.status == 0 && rates.text.contains("0/0"), "\(rates.text)")
    let gone = try run(["connection", "check", "a", "--node", "http://127.0.0.1:1"])
    #expect(gone.status == 1 && gone.text.contains("无法连接节点"), "\(gone.text)")
  }

  @Test("an incident without a picture is not met: show, report and inspect end with 3, and archive check of a folder without recordings says why")
  func verdicts() async throws {
    let folder = try TemporaryFolder()
    let data = folder.path + "/data"
    let node = try Node(data: data, settings: ["archive.enabled=false"])
    try await node.awaitReady()
    let base = "http://127.0.0.1:\(node.http)"
    let id = try #require(try await node.post("/api/v1/incidents", ["title": "演练", "devices": ["live/cam1"]])["id"] as? String)
    try await node.post("/api/v1/incidents/\(id)/close", [:])
    #expect(try run(["incident", "show", id, "--node", base]).status == 3)
    #expect(try run(["incident", "show", id, "--json", "--node", base]).status == 3)
    node.stop()
    for command in [
      ["report", id, "-o", folder.path + "/r.html"], ["report", id, "--json"], ["inspect", id, "-o", folder.path + "/i.html"],
      ["inspect", id, "--json"],
    ] {
      let (status, text) = try run(command + ["--data", data])
      #expect(status == 3, "\(command): \(status) \(text)")
    }
    #expect(try String(contentsOfFile: folder.path + "/r.html", encoding: .utf8).contains("未录像 not recorded"))
    let check = try run(["archive", "check", "--data", data])
    #expect(check.status == 1 && check.text.contains("没有录像索引") && !check.text.contains("NSError"), "\(check.text)")
  }

  @Test("doctor makes nothing, and refuses what serve refuses")
  func doctor() throws {
    let folder = try TemporaryFolder()
    let config = folder.path + "/node.yaml"
    let ports = "rtsp: {port: 0}, rtmp: {port: 0}, http: {port: 0}, control: {port: 0}"
    for (yaml, words) in [
      ("{\(ports), bind: 0.0.0.0}", "openBindRefused"), ("{\(ports), measure: {policy: nosuch}}", "configUnreadable"),
      ("{\(ports), devices: [{name: a}, {name: a}]}", "configInvalid"),
    ] {
      try yaml.write(toFile: config, atomically: true, encoding: .utf8)
      let checked = try run(["doctor", "--json", "--config", config, "--data", folder.path + "/data"])
      #expect(checked.status == 1 && checked.text.contains(words), "\(checked.text)")
      let served = try run(["serve", "--config", config, "--data", folder.path + "/served"])
      #expect(served.status == 1 && served.text.contains(words), "\(served.text)")
    }
    try "{\(ports)}".write(toFile: config, atomically: true, encoding: .utf8)
    let well = try run(["doctor", "--config", config, "--data", folder.path + "/data"])
    for check in ["RTP ports", "pairing", "policies and profiles", "access", "node key", "web pages"] {
      #expect(well.text.contains(check), "\(check): \(well.text)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/data"))
  }
}
