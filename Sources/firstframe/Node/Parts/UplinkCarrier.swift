internal import Cascade
internal import Hub
internal import Logging
internal import Model
internal import RTSPGateway

/// Carries one stream of an uplink by RTSP over TCP.
final class UplinkCarrier: UplinkMedia {
  private let pusher: RTSPPusher?

  init(_ request: UplinkMediaRequest, context: RTSPContext, logger: Logger) {
    var options = RTSPPusher.Options(url: UplinkCarrier.address(request))
    options.tellsUnitIDs = true
    let leaves = request.keyUnitLeaves
    // A backfilled unit is never offered as a first picture: without an E6 no receipt for it is taken.
    options.beforeKeyUnit = { unit, now in if !unit.flags.contains(.backfill) { leaves(unit.id, unit.firstArrival, now) } }
    do throws(Fault) {
      pusher = try RTSPPusher(request.stream, options: options, context: context)
      pusher?.start()
    } catch {
      logger.error("uplink media not started", metadata: ["stream": "\(request.stream)", "error": "\(error)"])
      pusher = nil
    }
  }

  func stop() {
    guard let pusher else { return }
    Task { await pusher.stop() }
  }

  /// `rtsp://user:secret@host:port/path`; node names need no escaping.
  private static func address(_ request: UplinkMediaRequest) -> String {
    guard request.url.hasPrefix("rtsp://") else { return request.url }
    return "rtsp://\(request.user):\(request.secret)@" + request.url.dropFirst(7)
  }
}
