public import Model
internal import NIOCore

/// A reader's handle on its stream.
public final class Subscription: Sendable {
  /// Of the stream.
  public let name: StreamName
  private let stream: LiveStream
  private let reader: any StreamReader

  init(stream: LiveStream, reader: any StreamReader) {
    self.stream = stream
    self.reader = reader
    name = stream.name
  }

  /// Ends the deliveries. A delivery already under way to another loop may still arrive.
  public func cancel() {
    let stream = stream
    let reader = reader
    if stream.loop.inEventLoop { stream.remove(reader) } else { stream.loop.execute { stream.remove(reader) } }
  }

  /// Gives the publication's session what probes saw of it; nothing when another publication has come meanwhile.
  func probed(_ events: [SampleEvent], session: String) {
    let stream = stream
    if stream.loop.inEventLoop { stream.probed(events, session: session) } else { stream.loop.execute { stream.probed(events, session: session) } }
  }

  /// The reader has waited for long for a place to begin: the publisher is asked for one, now and then.
  public func waitsForStart() {
    let stream = stream
    stream.loop.execute { stream.readerWaits() }
  }

  /// Asks the publisher for a key frame where its protocol can.
  public func requestKeyframe() {
    let stream = stream
    stream.loop.execute { stream.requestKeyframe() }
  }
}
