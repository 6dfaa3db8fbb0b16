public import Model
internal import NIOCore

/// A publisher's handle on its stream. Any thread may use it; calls are carried to the stream's loop, once a batch.
public final class Publication: Sendable {
  /// Of the stream.
  public let name: StreamName
  /// What the publication's units are to carry in their ids.
  public let origin: UnitOrigin
  /// Wall milliseconds of admission, greater than any before on this node.
  public let epoch: UInt64
  /// The publication's id in facts and sample files: `node-epoch`.
  public let session: String
  /// Whether this publication continues one that was interrupted.
  public let resumed: Bool
  let id: UInt64
  private let stream: LiveStream

  /// Whether the caller runs on the loop that the stream lives on: if not, the hub asks for figures from another thread than the session's.
  public var isOnStreamLoop: Bool { stream.loop.inEventLoop }

  init(stream: LiveStream, id: UInt64, origin: UnitOrigin, epoch: UInt64, session: String, resumed: Bool) {
    self.stream = stream
    name = stream.name
    self.id = id
    self.origin = origin
    self.epoch = epoch
    self.session = session
    self.resumed = resumed
  }

  /// Hands over what one read brought. On the stream's loop this runs at once.
  public func post(_ batch: consuming sending MediaBatch) {
    if stream.loop.inEventLoop {
      stream.post(batch, from: id)
    } else {
      let batch = batch
      stream.loop.execute { [stream, id] in stream.post(batch, from: id) }
    }
  }

  /// Announces that parameters of a track changed or became known.
  public func update(tracks: [Track]) { onLoop { [id] in $0.update(tracks: tracks, from: id) } }

  /// Passes on a sender report: `rtpTimestamp` is the sender's own, before any rewriting.
  public func senderReport(track: UInt8, wall: WallTime, rtpTimestamp: UInt32) {
    onLoop { [id] in $0.senderReport(track: track, wall: wall, rtpTimestamp: rtpTimestamp, from: id) }
  }

  /// The publisher is gone, with or without a goodbye: the name waits for its return either way.
  public func finish(_ reason: Fault) { onLoop { [id] in $0.finish(id, reason: reason) } }

  private func onLoop(_ body: @escaping @Sendable (LiveStream) -> Void) {
    if stream.loop.inEventLoop { body(stream) } else { stream.loop.execute { [stream] in body(stream) } }
  }
}
