import ArgumentParser
import Foundation
import Model
import Settings
import SettingsFile
import Testing

@testable import firstframe

@Suite("The command line")
struct CommandTests {
  /// Every command with its subcommands.
  private static func all(_ command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    [command] + command.configuration.subcommands.flatMap { all($0) }
  }

  @Test("every command that people use says in Chinese and English what it does")
  func abstracts() {
    for command in CommandTests.all(FirstFrame.self) where command.configuration.shouldDisplay {
      let abstract = command.configuration.abstract
      #expect(abstract.unicodeScalars.contains { $0.value > 0x2E80 }, "\(command)")
      #expect(abstract.contains("|"), "\(command)")
    }
  }

  @Test("the commands are those that the README lists")
  func names() {
    #expect(
      FirstFrame.configuration.subcommands.compactMap { $0.configuration.commandName } == [
        "serve", "demo", "push", "incident", "connection", "key", "pair", "archive", "report", "recompute", "inspect", "rates", "policy", "doctor",
        "worker",
      ])
  }

  @Test("host:port of an argument is read, and what is none is wrong usage")
  func endpoint() throws {
    #expect(try Endpoint(argument: "[::1]:8555") == Endpoint("[::1]:8555"))
    let fault = #expect(throws: Fault.self) { try Endpoint(argument: "host") }
    #expect(fault == Fault(.usage, "host: expected host:port"))
    #expect(fault?.code.exitCode == 2)
  }

  @Test("a node prints its ports as one line of JSON for programs, and as addresses for people")
  func ports() throws {
    let settings = try NodeSettings(try ConfigNode(yaml: "node: {name: deqing}"), dataFolder: "/data")
    let ports = NodePorts(rtsp: 1, rtmp: 2, http: 3, control: 4)
    #expect(ServeCommand.json(settings, ports) == #"{"control":4,"http":3,"node":"deqing","rtmp":2,"rtsp":1}"#)
    #expect(
      ServeCommand.text(settings, ports).split(separator: "\n").map(String.init) == [
        "首帧 FirstFrame \(FirstFrame.version) · deqing(county)", "  RTSP  rtsp://127.0.0.1:1/live/…", "  RTMP  rtmp://127.0.0.1:2/live/…",
        "  页面  http://127.0.0.1:3/", "  控制链路 control 127.0.0.1:4",
      ])
  }

  @Test(
    "an answer's fault is the one that the server sent; without one, its status tells",
    arguments: [
      (#"{"error":{"code":"streamUnknown","detail":"live/a"}}"#, 404, Fault(.streamUnknown, "live/a")),
      (#"{"code":"incidentClosed"}"#, 409, Fault(.incidentClosed)), ("not found", 404, Fault(.notFound, "HTTP 404")),
      (#"{"error":{"code":"newCode"}}"#, 500, Fault(.httpMalformed, "HTTP 500")), ("", 502, Fault(.httpMalformed, "HTTP 502")),
    ])
  func faults(body: String, status: Int, fault: Fault) { #expect(APIClient.fault(Data(body.utf8), status) == fault) }
}
