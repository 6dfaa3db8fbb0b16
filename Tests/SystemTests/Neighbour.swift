import Foundation
import Testing

/// A healthy stream that ffmpeg publishes over UDP, where a loss would show, while others misbehave.
final class Neighbour {
  struct Figures {
    var framesReceived: Int
    var packetsLost: Int
    var packetsDuplicated: Int
    var sequenceRestarts: Int
  }

  private let node: Node
  private let publisher: Publisher

  init(node: Node, clip: String) throws {
    self.node = node
    publisher = try Publisher(clip: clip, url: "rtsp://127.0.0.1:\(node.rtsp)/live/healthy", transport: "udp")
  }

  /// Nil while there is no stream yet.
  func figures() async throws -> Figures? {
    let quality = try await node.get("/api/v1/streams/live/healthy")["quality"] as? [String: Any]
    guard let inbound = quality?["inbound"] as? [String: Any] else { return nil }
    func figure(_ name: String) throws -> Int { try #require(inbound[name] as? Int, "\(name)") }
    return Figures(
      framesReceived: try figure("framesReceived"), packetsLost: try figure("packetsLost"), packetsDuplicated: try figure("packetsDuplicated"),
      sequenceRestarts: try figure("sequenceRestarts"))
  }

  /// Waits until `count` frames more than `frames` came.
  func awaitFrames(_ count: Int, after frames: Int = 0) async throws {
    try await node.await { (try await self.figures()?.framesReceived ?? 0) >= frames + count }
  }

  func stop() { publisher.stop() }
}
