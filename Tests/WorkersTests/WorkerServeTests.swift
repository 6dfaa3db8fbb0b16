import Foundation
import Glibc
import Model
import NIOCore
import Pipelines
import Synchronization
import Testing

@testable import Workers

/// Runs the worker's own loop on a thread of this process.
struct ThreadLauncher: WorkerLauncher {
  final class Handle: WorkerHandle {
    let pid = getpid()
    let connection: WorkerConnection
    init(_ connection: WorkerConnection) { self.connection = connection }
    var hasEnded: Bool { false }
    func kill() { connection.shutdown() }
  }

  func launch(socketPath: String) throws(Fault) -> any WorkerHandle {
    let connection = try WorkerSocket.connect(to: socketPath)
    guard OwnThread.start("test-worker", { try? WorkerMain.serve(connection, library: PipelineLibrary.locate()) }) else {
      throw Fault(.decodeFailed, "no thread for the test's worker")
    }
    return Handle(connection)
  }
}

extension InProcessDecoding {
  @Suite("The worker's own side", .enabled(if: Samples.hasFFmpeg, "ffmpeg is not installed")) struct WorkerServeTests {
    /// The built program, when the composition root has wired `worker`.
    static let program: String? = {
      let folder = URL(fileURLWithPath: CommandLine.arguments.first ?? "").deletingLastPathComponent()
      for place in [folder.path, FileManager.default.currentDirectoryPath + "/.build/debug"] {
        let path = place + "/firstframe"
        guard FileManager.default.isExecutableFile(atPath: path) else { continue }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["worker", "decode", "--socket", "/nonexistent/media.sock"]
        let complaint = Pipe()
        process.standardError = complaint
        process.standardOutput = FileHandle.nullDevice
        guard (try? process.run()) != nil else { continue }
        let text = String(decoding: complaint.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        if process.terminationStatus == 1, text.contains("connect /nonexistent/media.sock") { return path }
      }
      return nil
    }()

    private func check(_ pool: DecodePool) async throws {
      let folder = try TemporaryFolder()
      for codec in [Codec.h264, .h265] {
        let nals = try await Samples.keyFrame("testsrc2=s=640x360", codec: codec, in: folder)
        let sets = nals.filter { codec == .h264 ? $0[0] & 31 > 5 : $0[0] >> 1 & 63 >= 32 }
        let slices = nals.filter { !sets.contains($0) }
        var track = Track(index: 0, codec: codec, clockRate: 90_000)
        func of(_ h264: UInt8, _ h265: UInt8) -> [[UInt8]] { sets.filter { codec == .h264 ? $0[0] & 31 == h264 : $0[0] >> 1 & 63 == h265 } }
        track.parameters = codec == .h264 ? .h264(sps: of(7, 33), pps: of(8, 34)) : .h265(vps: of(0, 32), sps: of(0, 33), pps: of(0, 34))
        let picture = try await pool.decode(Samples.unit(Samples.lengthPrefixed(slices)), of: track)
        #expect(picture.visible)
        #expect(picture.width == 640)
        #expect(picture.vclSHA256.count == 64)
        let broken = try Samples.unit(Samples.lengthPrefixed([Array(slices[0].prefix(slices[0].count / 2))]))
        let fault = await #expect(throws: Fault.self) { _ = try await pool.decode(broken, of: track) }
        #expect(fault?.code == .decodeFailed)
        #expect(fault?.detail.hasPrefix("county/live/cam1@7#1: ") == true)
      }
      let sound = await #expect(throws: Fault.self) {
        _ = try await pool.decode(Samples.unit([1]), of: Track(index: 0, codec: .aac, clockRate: 48_000))
      }
      #expect(sound?.code == .decodeFailed)
    }

    @Test("decodes for a pool, over the real socket") func thread() async throws {
      let folder = try TemporaryFolder()
      var settings = DecodePoolSettings(socketPath: folder.file("run/media.sock"))
      settings.workers = 1
      let pool = try DecodePool.start(settings, launcher: ThreadLauncher())
      try await check(pool)
      await pool.stop()
    }

    @Test("decodes as the built program: confined, and gone with its relay", .enabled(if: program != nil, "firstframe is not built with `worker`"))
    func process() async throws {
      let folder = try TemporaryFolder()
      let events = Events()
      let program = try #require(Self.program)
      let pool = try DecodePool.start(
        DecodePoolSettings(socketPath: folder.file("run/media.sock")),
        launcher: ProcessLauncher(executable: program) { ["worker", "decode", "--socket", $0] }, onEvent: events.add)
      try await check(pool)
      let pid = try #require(Events.started(events.all).first)
      let limits = try String(contentsOfFile: "/proc/\(pid)/limits", encoding: .utf8)
      #expect(limits.contains("Max address space         2147483648"))
      #expect(limits.split(separator: "\n").contains { $0.hasPrefix("Max core file size        0 ") })
      await pool.stop()
      #expect(kill(pid, 0) != 0)
    }

    @Test("tells wrong usage apart from failure") func usage() {
      #expect(WorkerMain.run(arguments: []) == 2)
      #expect(WorkerMain.run(arguments: ["compose", "--socket", "x"]) == 2)
    }
  }
}
