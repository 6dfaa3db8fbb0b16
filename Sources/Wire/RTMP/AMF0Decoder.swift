public import Model
public import NIOCore

/// Reads AMF0 values from a message's payload: at most 16 deep and 2048 values a message, trap-free on any bytes.
public struct AMF0Decoder {
  private var buffer: ByteBuffer
  private var budget = 2048
  private static let maximumDepth = 16

  /// - Parameter buffer: a message's payload; read from its reader index.
  public init(_ buffer: ByteBuffer) { self.buffer = buffer }

  /// Every value up to the end, or up to the first that cannot be understood: what a sender appends behind a well-formed command
  /// (AMF3 parts, vendor markers) must not spoil the command.
  public static func values(in buffer: ByteBuffer) -> [AMF0Value] {
    var decoder = AMF0Decoder(buffer)
    var values: [AMF0Value] = []
    while let value = try? decoder.next() { values.append(value) }
    return values
  }

  /// The next value; nil at the end. Throws ``Fault`` `rtmpMalformed`.
  public mutating func next() throws(Fault) -> AMF0Value? {
    guard buffer.readableBytes > 0 else { return nil }
    return try value(depth: 0)
  }

  private mutating func value(depth: Int) throws(Fault) -> AMF0Value {
    guard depth < AMF0Decoder.maximumDepth else { throw malformed("nested too deep") }
    guard budget > 0 else { throw malformed("too many values") }
    budget -= 1
    guard let marker = buffer.readInteger(as: UInt8.self) else { throw malformed("cut short") }
    switch marker {
    case 0x00: return .number(try number())
    case 0x01: return .boolean(try integer(UInt8.self) != 0)
    case 0x02: return .string(try string(length: Int(try integer(UInt16.self))))
    case 0x03: return .object(try members(depth: depth))
    case 0x05: return .null
    case 0x06: return .undefined
    case 0x08:
      _ = try integer(UInt32.self)
      return .ecmaArray(try members(depth: depth))
    case 0x0A: return .strictArray(try elements(depth: depth))
    case 0x0B:
      let date = try number()
      _ = try integer(UInt16.self)
      return .date(date)
    case 0x0C, 0x0F: return .string(try string(length: Int(try integer(UInt32.self))))
    case 0x10:
      _ = try string(length: Int(try integer(UInt16.self)))
      return .object(try members(depth: depth))
    default: throw malformed("marker \(marker)")
    }
  }

  /// Members up to the end marker; a message that ends without one is accepted, as old encoders write metadata.
  private mutating func members(depth: Int) throws(Fault) -> AMF0Object {
    var object = AMF0Object()
    while buffer.readableBytes > 0 {
      let name = try string(length: Int(try integer(UInt16.self)))
      if name.isEmpty, buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) == 0x09 {
        buffer.moveReaderIndex(forwardBy: 1)
        return object
      }
      object.members.append(AMF0Object.Member(name: name, value: try value(depth: depth + 1)))
    }
    return object
  }

  private mutating func elements(depth: Int) throws(Fault) -> [AMF0Value] {
    let count = try integer(UInt32.self)
    // Each element takes a byte at least: a count beyond what is left is wrong.
    guard count <= buffer.readableBytes else { throw malformed("array longer than its message") }
    var values: [AMF0Value] = []
    for _ in 0..<count { values.append(try value(depth: depth + 1)) }
    return values
  }

  private mutating func integer<T: FixedWidthInteger>(_: T.Type) throws(Fault) -> T {
    guard let value = buffer.readInteger(as: T.self) else { throw malformed("cut short") }
    return value
  }

  private mutating func number() throws(Fault) -> Double { Double(bitPattern: try integer(UInt64.self)) }

  /// Bytes that are not UTF-8 (GB2312 device names occur) are replaced, not refused.
  private mutating func string(length: Int) throws(Fault) -> String {
    guard let text = buffer.readString(length: length) else { throw malformed("cut short") }
    return text
  }

  private func malformed(_ what: String) -> Fault { Fault(.rtmpMalformed, "AMF0: \(what)") }
}
