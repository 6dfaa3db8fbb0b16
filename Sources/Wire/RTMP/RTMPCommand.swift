internal import NIOCore

/// A remote call or its answer (RTMP 1.0 §7.1.1, §7.2): name, transaction, command object or null, arguments.
public struct RTMPCommand: Hashable, Sendable {
  /// `connect`, `publish`, `_result`, `onStatus`, …
  public var name: String
  /// 0 where no answer is wanted.
  public var transaction: Double
  /// The command object: null for most commands.
  public var object: AMF0Value
  /// What follows the command object.
  public var arguments: [AMF0Value]

  public init(name: String, transaction: Double, object: AMF0Value = .null, arguments: [AMF0Value] = []) {
    self.name = name
    self.transaction = transaction
    self.object = object
    self.arguments = arguments
  }

  /// Nil for another kind of message or one whose name cannot be read. AMF3's wrapper (type 17: a zero byte, then AMF0) is understood.
  public init?(_ message: RTMPMessage) {
    var payload = message.payload
    switch message.kind {
    case .command: break
    case .commandAMF3: if payload.getInteger(at: payload.readerIndex, as: UInt8.self) == 0 { payload.moveReaderIndex(forwardBy: 1) }
    default: return nil
    }
    let values = AMF0Decoder.values(in: payload)
    guard let name = values.first?.stringValue else { return nil }
    self.init(
      name: name, transaction: values.count > 1 ? values[1].numberValue ?? 0 : 0, object: values.count > 2 ? values[2] : .null,
      arguments: Array(values.dropFirst(3)))
  }

  /// The message, on chunk stream 3 (connection) or 5 (a message stream's own calls), as servers and encoders do.
  public func message(stream: UInt32 = 0) -> RTMPMessage {
    var payload = ByteBuffer()
    payload.writeAMF0([.string(name), .number(transaction), object])
    payload.writeAMF0(arguments)
    return RTMPMessage(kind: .command, chunkStream: stream == 0 ? 3 : 5, stream: stream, timestamp: 0, payload: payload)
  }

  /// `onStatus` with its information object (§7.2.2).
  public static func status(_ level: String, _ code: String, _ description: String) -> RTMPCommand {
    RTMPCommand(
      name: "onStatus", transaction: 0,
      arguments: [.object(["level": .string(level), "code": .string(code), "description": .string(description)])])
  }
}
