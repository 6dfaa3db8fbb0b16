import FirstFrameTesting
import Foundation
import NIOCore
import NIOPosix

/// Talks to a server over sockets of its own, byte by byte as a test wants it: a browser would tidy up an address before it sends it.
struct HTTPClient: Sendable {
  enum Failure: Error { case noAnswer(String) }

  let port: Int

  /// One request on a connection of its own.
  func send(
    _ method: String, _ path: String, headers: [String: String] = [:], body: String? = nil
  ) async throws -> HTTPAnswer {
    var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1", "Connection: close"] + headers.map { "\($0.key): \($0.value)" }
    if let body { lines.append("Content-Length: \(body.utf8.count)") }
    let bytes = try await exchange(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
    guard let answer = HTTPAnswer(bytes) else { throw Failure.noAnswer(path) }
    return answer
  }

  func get(_ path: String, key: String? = nil) async throws -> HTTPAnswer {
    try await send("GET", path, headers: key.map { ["Authorization": "Bearer \($0)"] } ?? [:])
  }

  func post(_ path: String, _ body: JSONValue) async throws -> HTTPAnswer { try await send("POST", path, body: body.text) }

  /// Everything that comes until the server closes.
  private func exchange(_ request: String) async throws -> Data {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port) { channel in
      channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel) }
    }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(string: request))
      var all = Data()
      for try await buffer in inbound { all += Data(buffer.readableBytesView) }
      return all
    }
  }

  /// Follows the event stream until `read` says that it has enough.
  /// - Parameter read: called with each event's lines.
  func follow(_ path: String = "/api/v1/events", headers: [String: String] = [:], _ read: (String) async throws -> Bool) async throws {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port) { channel in
      channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel) }
    }
    try await channel.executeThenClose { inbound, outbound in
      let lines = ["GET \(path) HTTP/1.1", "Host: 127.0.0.1"] + headers.map { "\($0.key): \($0.value)" }
      try await outbound.write(ByteBuffer(string: lines.joined(separator: "\r\n") + "\r\n\r\n"))
      var (chunks, held) = (ChunkReader(), "")
      for try await buffer in inbound {
        held += chunks.read(buffer)
        while let end = held.range(of: "\n\n") {
          let event = String(held[..<end.lowerBound])
          held.removeSubrange(..<end.upperBound)
          if try await !read(event) { return }
        }
      }
    }
  }

  /// A client that asks for the event stream and never reads: not one byte beyond what its kernel takes.
  func stall(_ path: String = "/api/v1/events") async throws -> any Channel {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.autoRead, value: false).channelOption(.socketOption(.so_rcvbuf), value: 4096)
      .connect(host: "127.0.0.1", port: port).get()
    try await channel.writeAndFlush(ByteBuffer(string: "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))
    return channel
  }
}
