import FirstFrameTesting
import Foundation
import Hub
import Measure
import Model
import NIOCore
import NIOPosix

/// Decodes every unit to the same small picture.
struct StubDecoder: PictureDecoder {
  func decode(_ unit: AccessUnit, of track: Track) async throws -> DecodedPicture {
    DecodedPicture(
      width: 64, height: 36, jpeg: ByteBuffer(bytes: StubDecoder.jpeg), jpegSHA256: String(repeating: "1", count: 64),
      vclSHA256: Hex.encode([UInt8(truncatingIfNeeded: unit.id.number)]), visible: true, dark: false, lumaMeanMilli: 300)
  }

  /// A test picture of 64 by 36.
  static let jpeg: [UInt8] =
    Data(
      base64Encoded: """
        /9j/4AAQSkZJRgABAgAAAQABAAD//gAQTGF2YzU5LjM3LjEwMAD/2wBDAAgoKC8oLzc3Nzc3N0E8QUNDQ0FBQUFDQ0NISEhVVVVISEhDQ0hIUFBVVVxfXFdXVVdfX2RkZHh4c3OMjJGs
        rM//xACSAAACAwEBAQAAAAAAAAAAAAAABwUGCAQDAgEAAwEBAQEAAAAAAAAAAAAAAAYHCAMFBBAAAgECAwYDCQEAAAAAAAAAAAECAxFRBNGhMTMhFBKRgUGxwbJz8TIiE2FxEQACAQEE
        BwUHBQEBAAAAAAAAAQIDQREEIVGR0TGhEgVxgTJC0oKxsmEUUhPBNDMV8HMi/8AAEQgAJABAAwESAAISAAMSAP/aAAwDAQACEQMRAD8Az+AAAD7oU7/k/LUuEV2pLA50YX/+n3bRoiuV
        JaD6+p4rlX4YvN5zaa3fbpz3vdl2kIq1HVqSm/M29992hX/JZC9AcANrgLMBrAz+BsUDAADUAswGwDP4EBQqWfa/Xd/PqVYptGdz5XbuFwv3UsLzx/NFZx8WTvktPs+63ItDSaaavTya
        dprEj6c/2QhO1u6KlbC6uNQEEAwgM+nlYT3uXitAFOVaSsX+7wHqeHjG2XDYOQ7lBKK5sq5GFjaiyujx2mRSvVcLT5m81e27ldcr7ErtwpyzOlFYmkCJrHVXZDU/UaNITPqFWPlhqfqE
        aNZZSnjLxWhpclMMXUlvUdT2nyiF9RPRHjtHeUOpmJw3KO3UysXyPT6T809cfSWcnEMTOVkeO0jxf9RO9rR26kvL9/XUvuqa4+kRh9hh4Stlw2HKdCVyVFTeEpq2WtbDVp4cKjloNF5b
        gUvlw+FCz62pFJKMElySs+W0VztNcu4jhSvpYaZcNhmwDiBNQHZQbU7YnjR4kfP2Hn0XdO7ScqXjXf7hv6lTjLDuT3waa72k12Z8Eeh1D9rU9n40fYFpAbAFmA1gZ/A2KBgABqAWYDYB
        n8CPyyVm/W9j2y/2P/fcis0Fk387jtQ8L7f0RW+rVJc8IeVR5u9trPsuy7Wef1X+eP8AzXxSHmB8gDAB/9k=
        """, options: .ignoreUnknownCharacters
    ).map { Array($0) } ?? []
}

/// A publisher with figures and no socket.
final class StubPublisher: PublicationSource {
  func close(_ reason: Fault) {}
  func requestKeyframe(track: UInt8) {}
  func tick(at now: BootTime) {}

  func inboundQuality(at now: BootTime) -> InboundQuality? {
    try? JSONDecoder().decode(InboundQuality.self, from: Data(StubPublisher.figures.utf8))
  }

  /// Of RTP over UDP, in a session's first minute.
  private static let figures = """
    {"method": "rtp", "hop": "device", "session": "county-1", "packetsExpected": 1000, "packetsReceived": 993, "packetsLost": 7,
    "packetsDuplicated": 1, "packetsReordered": 2, "packetsLate": 0, "jitterMilliseconds": 1.5, "roundTripMilliseconds": 20.25,
    "roundTripMethod": "rtcp", "bytesReceived": 900000, "framesExpected": 250, "framesReceived": 249, "framesClean": 245, "freezeCount": 1,
    "freezeSeconds": 0.4, "longestFreezeSeconds": 0.4, "pauseCount": 0, "sequenceRestarts": 0}
    """
}

/// A viewer that takes what comes.
final class StubReader: StreamReader {
  let loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()

  func streamStarted(_ description: StreamDescription) {}
  func receive(_ delivery: Delivery) {}
  func streamInterrupted(at: BootTime) {}
  func streamEnded(_ reason: Fault) {}

  func snapshot(at: BootTime) -> ReaderSnapshot? {
    let figures = """
      {"method": "tcp", "hop": "viewer", "session": "r1", "bytesSent": 5, "packetsSent": 1, "framesSent": 1, "framesDropped": 0, "dropEpisodes": 0}
      """
    guard let quality = try? JSONDecoder().decode(OutboundQuality.self, from: Data(figures.utf8)) else { return nil }
    return ReaderSnapshot(mediaProtocol: .rtspTCP, remoteAddress: "10.0.0.9:40000", keyName: "hall", since: at, outbound: quality)
  }
}
