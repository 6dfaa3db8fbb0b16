internal import Hub
internal import Measure
internal import Model
internal import NIOCore
internal import Wire

/// A publisher whose media comes inside its RTSP connection. The wire feeds the ingress directly; this sends the reports and keeps the
/// time.
///
/// `@unchecked Sendable`: everything is touched on the connection's loop only.
final class InterleavedPublisher: @unchecked Sendable {
  let ingress: MediaIngress
  private let wire: RTSPWire
  /// Per track its RTCP channel; nil for a track that was not set up.
  private let rtcpChannels: [UInt8?]
  private let reportInterval: Nanoseconds
  private var nextReport: BootTime

  /// Lets the wire feed the ingress from now on.
  /// - Parameter setUps: per track its media's; nil for one that was not set up.
  init(ingress: MediaIngress, wire: RTSPWire, setUps: [RTSPTrackSetUp?], reportInterval: Nanoseconds, at now: BootTime) {
    self.ingress = ingress
    self.wire = wire
    var map = ChannelMap()
    let pairs = ReaderPath.channels(setUps).pairs
    for (track, pair) in pairs.enumerated() {
      if let pair { map.set(track: UInt8(truncatingIfNeeded: track), rtp: pair.rtp, rtcp: pair.rtcp) }
    }
    rtcpChannels = pairs.map { $0?.rtcp }
    wire.channels = map
    wire.ingress = ingress
    self.reportInterval = reportInterval
    nextReport = now + .seconds(1)
  }

  func tick(at now: BootTime, on loop: any EventLoop) {
    ingress.measured.tick(at: now, on: loop)
    guard now >= nextReport else { return }
    nextReport = now + reportInterval
    for index in rtcpChannels.indices {
      if let report = ingress.receiverReport(track: index, at: now) { send(report, track: index) }
    }
  }

  func requestKeyframe(track: Int) {
    if let request = ingress.pictureLoss(track: track) { send(request, track: track) }
  }

  private func send(_ compound: ByteBuffer, track: Int) {
    guard track < rtcpChannels.count, let channel = rtcpChannels[track], wire.isWritable else { return }
    var framed = ByteBuffer()
    InterleavedFraming.append(channel: channel, length: compound.readableBytes, to: &framed)
    framed.writeImmutableBuffer(compound)
    wire.send(framed)
  }
}
