import FirstFrameTesting
import Foundation
import Glibc
import Model
import NIOCore
import Testing

@testable import Workers

@Suite("Frames over a socket", .timeLimit(.minutes(1))) struct WorkerConnectionTests {
  private static func pair() throws -> (WorkerConnection, WorkerConnection) {
    var ends: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    return (WorkerConnection(ends[0]), WorkerConnection(ends[1]))
  }

  private static func frame(_ count: Int, _ kind: WorkerFrame.Kind = .job) -> WorkerFrame {
    WorkerFrame(kind, ByteBuffer(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 13) }))
  }

  @Test("frames come as they were sent, in order, also those larger than the socket's buffer")
  func exchange() throws {
    let (relay, worker) = try Self.pair()
    let frames = [0, 1, 5, 65_535, 65_536, 2_000_000, 3].map { Self.frame($0) }
    let sender = Thread { for frame in frames { try? relay.send(frame, within: .seconds(20)) } }
    sender.start()
    for frame in frames { #expect(try worker.receive(within: .seconds(20)) == frame) }
  }

  @Test("a frame in any pieces is one frame, and two in one piece are two", arguments: [1, 3, 7, 100])
  func pieces(_ piece: Int) throws {
    let frames = [Self.frame(9), Self.frame(0, .ping), Self.frame(260, .result)]
    let bytes = frames.flatMap { Array($0.encoded.readableBytesView) }
    var reader = WorkerFrameReader()
    var found: [WorkerFrame] = []
    for start in stride(from: 0, to: bytes.count, by: piece) {
      bytes[start..<min(bytes.count, start + piece)].withUnsafeBytes { reader.feed($0) }
      while let frame = try reader.next() { found.append(frame) }
    }
    #expect(found == frames)
  }

  @Test("a length that is too long and a kind that is unknown are refused before their bytes come")
  func refused() {
    for (bytes, expected) in [
      ([0x02, 0, 0, 1, 2], .tooLong((32 << 20) + 1)), ([0xFF, 0xFF, 0xFF, 0xFF, 2], .tooLong(0xFFFF_FFFF)), ([0, 0, 0, 1, 0], .unknownKind(0)),
      ([0, 0, 0, 1, 7], .unknownKind(7)), ([0, 0, 0, 0, 255], .unknownKind(255)),
    ] as [([UInt8], WorkerFrameReader.Refused)] {
      var reader = WorkerFrameReader()
      bytes.withUnsafeBytes { reader.feed($0) }
      do throws(WorkerFrameReader.Refused) {
        let frame = try reader.next()
        Issue.record("\(String(describing: frame)) passed")
      } catch { #expect(error == expected) }
    }
    var reader = WorkerFrameReader()
    for byte in [0, 0, 0, 2] as [UInt8] { withUnsafeBytes(of: byte) { reader.feed($0) } }
    #expect(throws: Never.self) { try reader.next() }
  }

  @Test("an end that closes, or that sends what is no frame, is a dead worker and no hang")
  func deadWorker() throws {
    for bytes in [[], [0, 0], [0, 0, 0, 9, 2, 1, 2], [0xFF, 0xFF, 0xFF, 0xFF, 1], Array("HTTP/1.1".utf8)] as [[UInt8]] {
      var ends: [Int32] = [0, 0]
      try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
      let relay = WorkerConnection(ends[0])
      #expect(!relay.isHungUp)
      _ = write(ends[1], bytes, bytes.count)
      close(ends[1])
      #expect { try relay.receive(within: .seconds(20)) } throws: { ($0 as? Fault)?.code == .workerDied }
      #expect(relay.isHungUp)
      #expect { try relay.send(Self.frame(3_000_000), within: .seconds(20)) } throws: { ($0 as? Fault)?.code == .workerDied }
    }
  }

  @Test("an end that says nothing, or reads nothing, is given up at the deadline")
  func deadlines() throws {
    let (relay, worker) = try Self.pair()
    #expect { try relay.receive(within: .milliseconds(20)) } throws: { ($0 as? Fault)?.detail == "no answer in time" }
    #expect { try relay.send(Self.frame(8_000_000), within: .milliseconds(20)) } throws: { ($0 as? Fault)?.detail == "write timed out" }
    worker.shutdown()
    #expect { try relay.receive(within: .seconds(20)) } throws: { ($0 as? Fault)?.detail == "connection closed" }
  }

  @Test("the kernel says who is at the other end")
  func peer() throws {
    let (relay, _) = try Self.pair()
    #expect(relay.peer?.pid == getpid())
    #expect(relay.peer?.uid == getuid())
  }

  @Test("a folder that everybody makes files in keeps its mode, whoever listens there")
  func sharedFolder() throws {
    let folder = try TemporaryFolder()
    _ = mkdir(folder.file("shared"), 0o755)
    #expect(chmod(folder.file("shared"), 0o1777) == 0)
    close(try WorkerSocket.listen(at: folder.file("shared/media.sock")))
    var status = stat()
    #expect(stat(folder.file("shared"), &status) == 0 && status.st_mode & 0o7777 == 0o1777)
  }

  @Test("the socket replaces an old file, keeps others out and refuses a path that is too long")
  func socket() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("run/media.sock")
    _ = mkdir(folder.file("run"), 0o755)
    _ = FileManager.default.createFile(atPath: path, contents: Data([1]))
    let listener = try WorkerSocket.listen(at: path)
    defer { close(listener) }
    var status = stat()
    #expect(stat(folder.file("run"), &status) == 0 && status.st_mode & 0o777 == 0o700)
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    let connection = try WorkerSocket.connect(to: path)
    #expect(connection.peer?.uid == getuid())
    #expect { try WorkerSocket.connect(to: folder.file("run/nothing")) } throws: { ($0 as? Fault)?.code == .diskFailed }
    #expect { try WorkerSocket.listen(at: "/tmp/" + String(repeating: "x", count: 200)) } throws: { ($0 as? Fault)?.code == .configInvalid }
  }

  @Test("a hello of another version, and a payload that is cut anywhere, are none")
  func hello() {
    let hello = WorkerHello(work: "decode", pid: 77)
    #expect(WorkerHello(hello.frame) == hello)
    let payload = Array(hello.frame.payload.readableBytesView)
    for length in 0..<payload.count { #expect(WorkerHello(WorkerFrame(.hello, ByteBuffer(bytes: payload.prefix(length)))) == nil) }
    #expect(WorkerHello(WorkerFrame(.job, ByteBuffer(bytes: payload))) == nil)
    for json in [#"{"v":2,"work":"decode","pid":1}"#, #"{"v":1,"pid":1}"#, #"{"v":1,"work":"decode"}"#, "[]", "{"] {
      #expect(WorkerHello(WorkerFrame(.hello, json: json, bytes: ByteBuffer())) == nil)
    }
  }
}
