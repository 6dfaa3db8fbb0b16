internal import Glibc
internal import Hub
internal import Measure
internal import Model
internal import NIOConcurrencyHelpers
internal import NIOCore

/// One RTP publication, pushed to us or pulled by us, over TCP or UDP: the hub's view of it.
///
/// `@unchecked Sendable`: `media` is set once, on the connection's loop before the publication is known to anybody else, and read there;
/// calls from the hub hop to that loop first.
final class PublisherSession: PublicationSource, @unchecked Sendable {
  enum Media {
    case interleaved(InterleavedPublisher)
    case datagrams(DatagramPublisher)
  }

  private let channel: any Channel
  private let closing: @Sendable (Fault) -> Void
  private var media: Media?
  private var publication: Publication?
  private let quality = NIOLockedValueBox<(@Sendable (BootTime) -> InboundQuality?)?>(nil)
  /// Seconds until the next look at the connection's round trip.
  private var roundTripIn = 1

  /// - Parameters:
  ///   - channel: the RTSP connection, whose kernel tells the round trip, over UDP too.
  ///   - closing: ends the connection; called on its loop.
  init(channel: any Channel, closing: @escaping @Sendable (Fault) -> Void) {
    self.channel = channel
    self.closing = closing
  }

  private var loop: any EventLoop { channel.eventLoop }

  /// The publication was admitted and its media begins. On the connection's loop.
  func start(_ publication: Publication, _ media: Media) {
    self.publication = publication
    self.media = media
    let loop = loop
    switch media {
    case .interleaved(let publisher):
      quality.withLockedValue { box in
        box = { now in
          loop.inEventLoop ? publisher.ingress.measured.quality(at: now) : publisher.ingress.measured.sharedQuality(at: now)
        }
      }
    case .datagrams(let publisher):
      quality.withLockedValue { $0 = { publisher.sharedQuality(at: $0) } }
      publisher.start()
    }
  }

  /// When media was last received over UDP; nil over TCP, where the connection knows.
  var lastDatagram: BootTime? { if case .datagrams(let publisher) = media { publisher.lastMedia } else { nil } }
  /// When media was last received; nil before the first.
  var lastMedia: BootTime? {
    switch media {
    case .interleaved(let publisher): publisher.ingress.lastArrival
    case .datagrams(let publisher): publisher.lastMedia
    case nil: nil
    }
  }

  var saidGoodbye: Bool {
    switch media {
    case .interleaved(let publisher): publisher.ingress.saidGoodbye
    case .datagrams(let publisher): publisher.saidGoodbye
    case nil: false
    }
  }

  /// The media is over: posts what is left, then tells the hub. On the connection's loop; the second call does nothing.
  func finish(_ reason: Fault, at now: BootTime) {
    guard let publication, let media else { return }
    self.publication = nil
    self.media = nil
    switch media {
    case .interleaved(let publisher):
      publisher.ingress.finish(at: now)
      publication.finish(reason)
    case .datagrams(let publisher): publisher.finish(at: now) { publication.finish(reason) }
    }
  }

  /// A round trip taken by request and answer, for connections whose kernel figure cannot be had.
  func roundTrip(_ value: Nanoseconds, at now: BootTime) {
    switch media {
    case .interleaved(let publisher): publisher.ingress.measured.roundTrip(value, at: now)
    case .datagrams(let publisher): publisher.roundTrip(value, at: now)
    case nil: return
    }
  }

  // MARK: PublicationSource

  func close(_ reason: Fault) { onLoop { $0.closing(reason) } }

  func requestKeyframe(track: UInt8) {
    onLoop { session in
      switch session.media {
      case .interleaved(let publisher): publisher.requestKeyframe(track: Int(track))
      case .datagrams(let publisher): publisher.requestKeyframe(track: Int(track))
      case nil: return
      }
    }
  }

  func tick(at now: BootTime) {
    onLoop { session in
      session.measureRoundTrip(at: now)
      switch session.media {
      case .interleaved(let publisher): publisher.tick(at: now, on: self.loop)
      case .datagrams(let publisher): publisher.tick(at: now)
      case nil: return
      }
    }
  }

  func probed(_ events: [SampleEvent]) {
    onLoop { session in
      switch session.media {
      case .interleaved(let publisher): publisher.ingress.measured.probed(events)
      case .datagrams(let publisher): publisher.probed(events)
      case nil: return
      }
    }
  }

  func inboundQuality(at now: BootTime) -> InboundQuality? { quality.withLockedValue { $0 }?(now) }

  private func measureRoundTrip(at now: BootTime) {
    roundTripIn -= 1
    guard roundTripIn <= 0, media != nil, let asked = ConnectionRoundTrip.measure(channel) else { return }
    roundTripIn = 5
    asked.whenSuccess { [weak self] trip in
      if let trip { self?.roundTrip(trip, at: now) }
    }
  }

  private func onLoop(_ body: @escaping @Sendable (PublisherSession) -> Void) {
    if loop.inEventLoop { body(self) } else { loop.execute { body(self) } }
  }
}
