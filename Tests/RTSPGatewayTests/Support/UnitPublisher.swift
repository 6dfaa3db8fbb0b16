import Hub
import Measure
import Model
import NIOCore
import NIOPosix
import Transport

/// Publishes units that it is given, as a source without RTP does.
final class UnitPublisher: PublicationSource {
  func close(_ reason: Fault) {}
  func requestKeyframe(track: UInt8) {}
  func tick(at now: BootTime) {}
  func inboundQuality(at now: BootTime) -> InboundQuality? { nil }

  /// Admits a stream of these tracks; its times are the units' own.
  static func publish(_ name: StreamName, tracks: [Track], on gateway: TestGateway) async throws -> Publication {
    try await gateway.hub.publish(
      PublishRequest(
        name: name, tracks: tracks, mediaProtocol: .rtmp, remoteAddress: "test", sharedClock: true, loop: gateway.media.next(),
        source: UnitPublisher())
    ).get()
  }
}
