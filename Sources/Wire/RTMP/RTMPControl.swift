internal import NIOCore

/// Protocol control and user control messages (RTMP 1.0 §5.4, §6.2, §7.1.7).
public enum RTMPControl: Hashable, Sendable {
  case setChunkSize(UInt32)
  case abort(chunkStream: UInt32)
  /// Bytes received so far, modulo 2^32.
  case acknowledgement(UInt32)
  case windowAcknowledgementSize(UInt32)
  /// Limit type: 0 hard, 1 soft, 2 dynamic.
  case setPeerBandwidth(UInt32, limitType: UInt8)
  case streamBegin(UInt32)
  case streamEOF(UInt32)
  case streamDry(UInt32)
  case setBufferLength(stream: UInt32, milliseconds: UInt32)
  case pingRequest(UInt32)
  case pingResponse(UInt32)

  /// Nil for another kind of message, one cut short, or a user control event nobody acts on.
  public init?(_ message: RTMPMessage) {
    var payload = message.payload
    switch message.kind {
    case .userControl:
      guard let event = payload.readInteger(as: UInt16.self), let first = payload.readInteger(as: UInt32.self) else { return nil }
      self.init(event: event, first: first, second: payload.readInteger(as: UInt32.self))
    case .setChunkSize, .abort, .acknowledgement, .windowAcknowledgementSize, .setPeerBandwidth:
      guard let value = payload.readInteger(as: UInt32.self) else { return nil }
      switch message.kind {
      case .setChunkSize: self = .setChunkSize(value)
      case .abort: self = .abort(chunkStream: value)
      case .acknowledgement: self = .acknowledgement(value)
      case .windowAcknowledgementSize: self = .windowAcknowledgementSize(value)
      default: self = .setPeerBandwidth(value, limitType: payload.readInteger(as: UInt8.self) ?? 0)
      }
    default: return nil
    }
  }

  private init?(event: UInt16, first: UInt32, second: UInt32?) {
    switch event {
    case 0: self = .streamBegin(first)
    case 1: self = .streamEOF(first)
    case 2: self = .streamDry(first)
    case 3: self = .setBufferLength(stream: first, milliseconds: second ?? 0)
    case 6: self = .pingRequest(first)
    case 7: self = .pingResponse(first)
    default: return nil
    }
  }

  /// The message, on chunk stream 2 and message stream 0 as §5.4 demands.
  public var message: RTMPMessage {
    var payload = ByteBuffer()
    let kind: RTMPMessage.Kind
    switch self {
    case .setChunkSize(let value): kind = write(.setChunkSize, value, into: &payload)
    case .abort(let value): kind = write(.abort, value, into: &payload)
    case .acknowledgement(let value): kind = write(.acknowledgement, value, into: &payload)
    case .windowAcknowledgementSize(let value): kind = write(.windowAcknowledgementSize, value, into: &payload)
    case .setPeerBandwidth(let value, let limitType):
      kind = write(.setPeerBandwidth, value, into: &payload)
      payload.writeInteger(limitType)
    case .streamBegin(let value): kind = write(event: 0, value, into: &payload)
    case .streamEOF(let value): kind = write(event: 1, value, into: &payload)
    case .streamDry(let value): kind = write(event: 2, value, into: &payload)
    case .setBufferLength(let stream, let milliseconds):
      kind = write(event: 3, stream, into: &payload)
      payload.writeInteger(milliseconds)
    case .pingRequest(let value): kind = write(event: 6, value, into: &payload)
    case .pingResponse(let value): kind = write(event: 7, value, into: &payload)
    }
    return RTMPMessage(kind: kind, chunkStream: 2, stream: 0, timestamp: 0, payload: payload)
  }

  private func write(_ kind: RTMPMessage.Kind, _ value: UInt32, into payload: inout ByteBuffer) -> RTMPMessage.Kind {
    payload.writeInteger(value)
    return kind
  }

  private func write(event: UInt16, _ value: UInt32, into payload: inout ByteBuffer) -> RTMPMessage.Kind {
    payload.writeInteger(event)
    payload.writeInteger(value)
    return .userControl
  }
}
