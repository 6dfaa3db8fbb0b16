internal import ArgumentParser
internal import Foundation
internal import Hub
internal import Logging
internal import Model
internal import NIOCore
internal import NIOPosix
internal import Pipelines
internal import RTMPGateway
internal import RTSPGateway
internal import Settings
internal import Wire

/// Publishes a file or a test pattern as a device would: by RTMP, RTSP over TCP or UDP; or stands still and is pulled, as a camera does.
struct PushCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "push", abstract: "模拟设备推流 | publish as a device would")
  @Argument(help: "rtsp://host:port/live/cam1 或 rtmp://host:port/live/cam1?key=…") var url: String
  @Option(help: "发送此文件(任何可解码的格式),到文件结束为止 | send this file, of any form, to its end") var file: String?
  @Option(help: "画面 bars | ball | pinwheel | chequers") var pattern = "bars"
  @Option(help: "烧录在画面上的文字 | text burned into the picture") var label = ""
  @Option(help: "宽x高 | size") var size = "1280x720"
  @Option(help: "帧率 | frames a second") var fps = 25
  @Option(help: "视频码率 kb/s | video bitrate") var bitrate = 2000
  @Option(help: "关键帧间隔(秒)| seconds between key frames") var keyInterval = 2
  @Option(help: "推送多少秒;0 为直到中断 | how long; 0 until interrupted") var seconds = 0
  @Flag(help: "RTSP 使用 UDP | RTSP over UDP") var udp = false
  @Flag(inversion: .prefixedNo, help: "伴音 | sound") var audio = true
  @Option(help: "作为摄像机在此地址等待拉流 | be pulled at this host:port") var listen: String?

  @Flag(help: "第一次连不上也一直重试 | keep trying also when the first attempt fails") var retry = false

  mutating func run() async throws {
    ParentWatch.begin()
    let pattern = try testPattern()
    guard seconds >= 0 else { throw Fault(.usage, "--seconds \(seconds)") }
    let device = try SimulatedDevice(pattern: pattern, url: url, isUDP: udp, listen: try listen.map { try Endpoint(argument: $0) })
    try await device.start()
    if let listen { Console.say("等待拉流 | waiting to be pulled: \(listen)/\(device.name)") }
    let failure = await film(device)
    await device.stop()
    if let failure { throw failure }
  }

  /// Films until it is interrupted, until the time or the file is over, or until the first attempt fails.
  /// - Returns: why the device is not on the air at the end; nil when it is.
  private func film(_ device: SimulatedDevice) async -> Fault? {
    let air = AirTime(isPulled: listen != nil)
    let (seconds, file, retry, label) = (seconds, file, retry, label)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await Interruption.wait() }
      group.addTask {
        for await turn in device.turns {
          PushCommand.say(turn, air.note(turn), retry: retry, label: label, url: device.address.shown)
          if !air.hasBegun, !retry { return }
        }
      }
      if seconds > 0 {
        group.addTask {
          await air.begun()
          try? await Task.sleep(for: .seconds(seconds))
        }
      }
      if file != nil { group.addTask { while !device.hasEnded, (try? await Task.sleep(for: .milliseconds(100))) != nil {} } }
      await group.next()
      group.cancelAll()
    }
    return air.failure
  }

  /// - Parameter isFirst: whether it is the first time on the air.
  private static func say(_ turn: SimulatedDevice.Turn, _ isFirst: Bool, retry: Bool, label: String, url: String) {
    switch turn {
    case .onAir:
      let what = isFirst ? "推送 | on the air" : "恢复推送 | on the air again"
      Console.say("\(what): \(label.isEmpty ? url : "\(label) → \(url)")")
    case .lost(let fault): if !isFirst || retry { Console.error("⚠ 中断,将重试 | off the air, it is tried again: \(fault)") }
    }
  }

  private func filmed(_ path: String) throws -> String {
    guard FileManager.default.isReadableFile(atPath: path) else { throw Fault(.usage, "--file \(path)") }
    return path
  }

  private func testPattern() throws -> TestPattern {
    guard let picture = TestPattern.Picture(rawValue: pattern) else {
      throw Fault(.usage, "--pattern \(pattern): \(TestPattern.Picture.allCases.map(\.rawValue).joined(separator: " | "))")
    }
    let sides = size.split(separator: "x").compactMap { Int($0) }
    guard sides.count == 2, (64...4096).contains(sides[0]), (64...4096).contains(sides[1]), sides.allSatisfy({ $0 % 2 == 0 }) else {
      throw Fault(.usage, "--size \(size)")
    }
    guard (1...120).contains(fps), (16...100_000).contains(bitrate), (1...60).contains(keyInterval) else {
      throw Fault(.usage, "--fps 1…120, --bitrate 16…100000, --key-interval 1…60")
    }
    return TestPattern(
      picture: picture, width: sides[0], height: sides[1], framesPerSecond: fps, kilobitsPerSecond: bitrate, keyIntervalSeconds: keyInterval,
      label: label, hasAudio: audio, file: try file.map { try filmed($0) })
  }
}
