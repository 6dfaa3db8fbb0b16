internal import NIOCore

/// One message on `DATA/run/media.sock` (docs/worker-socket.md): length, kind, payload.
struct WorkerFrame: Equatable, Sendable {
  enum Kind: UInt8, Sendable, CaseIterable {
    /// Worker to relay, first of all: JSON.
    case hello = 1
    /// Relay to worker: JSON, then the unit's bytes.
    case job = 2
    /// Worker to relay: JSON, then the JPEG's bytes.
    case result = 3
    /// Worker to relay: coded units that it made (walls). Reserved.
    case units = 4
    case ping = 5
    case pong = 6
  }

  /// Longer frames are refused: a 4K key frame has a few megabytes.
  static let longestPayload = 32 << 20

  var kind: Kind
  var payload: ByteBuffer

  init(_ kind: Kind, _ payload: ByteBuffer = ByteBuffer()) {
    self.kind = kind
    self.payload = payload
  }

  /// A payload of JSON text and bytes behind it.
  init(_ kind: Kind, json: String, bytes: ByteBuffer) {
    var payload = ByteBufferAllocator().buffer(capacity: 4 + json.utf8.count + bytes.readableBytes)
    payload.writeInteger(UInt32(clamping: json.utf8.count))
    payload.writeString(json)
    payload.writeImmutableBuffer(bytes)
    self.init(kind, payload)
  }

  /// The payload taken apart again; nil when it is none of that form.
  var parts: (json: ByteBuffer, bytes: ByteBuffer)? {
    var rest = payload
    guard let length = rest.readInteger(as: UInt32.self), let json = rest.readSlice(length: Int(length)) else { return nil }
    return (json, rest)
  }

  /// The frame as it is sent.
  var encoded: ByteBuffer {
    var out = ByteBufferAllocator().buffer(capacity: 5 + payload.readableBytes)
    out.writeInteger(UInt32(clamping: payload.readableBytes))
    out.writeInteger(kind.rawValue)
    out.writeImmutableBuffer(payload)
    return out
  }
}
