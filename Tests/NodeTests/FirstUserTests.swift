import Access
import ArgumentParser
import FirstFrameTesting
import Foundation
import Gateway
import Logging
import Model
import Synchronization
import Testing

@testable import firstframe

@Suite("What first users type")
struct FirstUserTests {
  private static let now = WallTime("2026-11-30T08:00:00Z") ?? WallTime(nanoseconds: 0)

  private func code(_ body: () throws -> Void) -> FaultCode? {
    do {
      try body()
      return nil
    } catch { return (error as? Fault)?.code }
  }

  // MARK: Paths

  @Test("a command that reads a data folder calls a path wrong that is none, whichever command it is")
  func folders() throws {
    let temporary = try TemporaryFolder()
    let file = temporary.path + "/file"
    try Data().write(to: URL(fileURLWithPath: file))
    for path in ["/nosuch", file, temporary.path] {
      for command in [
        ["recompute"], ["rates"], ["archive", "check"], ["report"], ["inspect"], ["policy", "diff", "a.yaml", "b.yaml"],
      ] {
        let fault = code {
          var parsed = try FirstFrame.parseAsRoot(command + ["--data", path])
          try parsed.run()
        }
        #expect(fault == .pathWrong, "\(command) \(path)")
      }
    }
    #expect(Fault(.pathWrong).code.exitCode == 2)
  }

  @Test("a key is listed and revoked where a folder is, and added where one is or can be made, not below a slip of the pen")
  func keyFolders() throws {
    let temporary = try TemporaryFolder()
    func run(_ arguments: [String]) -> FaultCode? {
      code {
        var parsed = try FirstFrame.parseAsRoot(arguments)
        try parsed.run()
      }
    }
    #expect(run(["key", "list", "--data", "/nosuch"]) == .pathWrong)
    #expect(run(["key", "revoke", "a", "--data", "/nosuch"]) == .pathWrong)
    #expect(run(["key", "add", "a", "--path", "live/a", "--publish", "--data", temporary.path + "/no/such"]) == .pathWrong)
    #expect(run(["key", "add", "a", "--path", "live/a", "--publish", "--json", "--data", temporary.path + "/new/"]) == nil)
    #expect(try AccessStore(dataFolder: temporary.path + "/new").all.map(\.name) == ["a"])
  }

  @Test("a file is not written where no folder is, and that is known before the work")
  func outputs() throws {
    let temporary = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: temporary.path + "/journal", withIntermediateDirectories: true)
    for command in [["report", "-o"], ["inspect", "-o"], ["inspect", "--csv"]] {
      let fault = code {
        var parsed = try FirstFrame.parseAsRoot(command + ["/nosuch/file", "--data", temporary.path])
        try parsed.run()
      }
      #expect(fault == .pathWrong, "\(command)")
    }
  }

  // MARK: Keys

  @Test(
    "a key that would open nothing is refused",
    arguments: [
      ["cam1"], ["cam1", "--path", "live/cam1"], ["cam1", "--publish"], ["cam1", "--role", "hall", "--path", "live/**"],
      ["cam1", "--role", "inspector", "--path", "live/**", "--publish"], ["cam1", "--role", "nobody"],
      ["cam1", "--path", "live/cam1", "--publish", "--days", "0"], ["cam1", "--path", "live/cam1", "--publish", "--expires", "2020-01-01"],
      ["cam1", "--path", "live/cam1", "--publish", "--expires", "2099-01-01", "--days", "3"],
    ])
  func uselessKeys(arguments: [String]) throws {
    let temporary = try TemporaryFolder()
    let fault = code {
      var parsed = try FirstFrame.parseAsRoot(["key", "add"] + arguments + ["--data", temporary.path])
      try parsed.run()
    }
    #expect(fault == .usage)
    #expect(try AccessStore(dataFolder: temporary.path).all.isEmpty)
  }

  @Test("a key ends after the last day that was named, in China, or after so many days")
  func expiry() throws {
    #expect(try KeyExpiry.end(expires: nil, days: nil, now: Self.now) == nil)
    let end = try #require(try KeyExpiry.end(expires: "2026-12-31", days: nil, now: Self.now))
    #expect(end == WallTime("2027-01-01T00:00:00+08:00"))
    #expect(KeyExpiry.text(end, at: Self.now) == "2026-12-31 23:59 (北京时间 CST)")
    #expect(KeyExpiry.text(end, at: end) == "2026-12-31 23:59 (北京时间 CST) 已过期 expired")
    #expect(try KeyExpiry.end(expires: nil, days: 1, now: Self.now) == WallTime("2026-12-01T08:00:00Z"))
    #expect(try KeyExpiry.end(expires: "2026-11-30", days: nil, now: Self.now) != nil, "today is not over")
    for wrong in ["2026-02-31", "2026-2-1", "31.12.2026", "2026-13-01", "2026-11-29", ""] {
      #expect(throws: Fault.self, "\(wrong)") { try KeyExpiry.end(expires: wrong, days: nil, now: Self.now) }
    }
  }

  // MARK: Push

  @Test(
    "an address to push to is shown without anything that may be a secret",
    arguments: [
      ("rtsp://cam1:geheim@h:8554/live/cam1", "rtsp://h:8554/live/cam1"), ("rtsp://h/live/cam1?key=geheim", "rtsp://h/live/cam1"),
      ("rtmp://h:1935/live/cam1?key=geheim", "rtmp://h:1935/live/cam1"), ("rtmp://h/live/cam1", "rtmp://h/live/cam1"),
    ])
  func addresses(text: String, shown: String) throws {
    let address = try PushAddress(text)
    #expect(address.shown.replacing(":1935", with: "") == shown.replacing(":1935", with: ""))
    #expect(address.name.path == "live/cam1")
    let told = address.told(Fault(.peerUnreachable, "ANNOUNCE \(text): refused"))
    #expect(told.code == .pushFailed)
    if !text.contains("@") { #expect(!told.detail.contains("geheim")) }
  }

  @Test(
    "what is no address is wrong usage, and its fault shows no secret", arguments: ["http://h/live/a?key=geheim", "live/cam1", "rtmp://?key=geheim"])
  func noAddress(text: String) throws {
    let fault = #expect(throws: Fault.self) { try PushAddress(text) }
    #expect(fault?.code == .usage && fault?.detail.contains("geheim") == false)
  }

  @Test("a device is on the air when it was accepted, not before, and a loss at the end is its failure")
  func airTime() {
    let air = AirTime(isPulled: false)
    #expect(!air.hasBegun && air.failure?.code == .pushFailed)
    air.note(.lost(Fault(.credentialsWrong)))
    #expect(!air.hasBegun && air.failure?.code == .credentialsWrong)
    #expect(air.note(.onAir) && air.hasBegun && air.failure == nil)
    #expect(!air.note(.lost(Fault(.publisherGone))))
    #expect(air.failure?.code == .publisherGone)
    #expect(!air.note(.onAir) && air.failure == nil)
    #expect(AirTime(isPulled: true).failure == nil)
  }

  // MARK: Verdicts

  @Test("a verdict that is not pass ends a command with 3")
  func verdicts() throws {
    try ExitCode.judge("pass")
    for verdict in ["fail", "undetermined", ""] {
      let code = #expect(throws: ExitCode.self) { try ExitCode.judge(verdict) }
      #expect(code?.rawValue == 3)
    }
  }
}
