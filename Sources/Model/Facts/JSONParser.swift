extension JSON {
  public struct ParseError: Error, Sendable {
    /// Byte offset of the first byte that could not be understood.
    public var offset: Int
    /// For the log.
    public var message: String
  }

  /// Parses UTF-8 JSON (RFC 8259) whose numbers are integers within Int64; nesting at most 64 deep. Trap-free on any bytes.
  public init(parsing bytes: some Collection<UInt8>) throws(ParseError) {
    var parser = JSONParser(bytes: Array(bytes))
    self = try parser.document()
  }

  public init(parsing text: String) throws(ParseError) { try self.init(parsing: Array(text.utf8)) }
}

private struct JSONParser {
  let bytes: [UInt8]
  var at = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  func fail(_ message: String) -> JSON.ParseError { JSON.ParseError(offset: at, message: message) }

  var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

  mutating func skipSpace() {
    while let byte = peek, byte == 32 || byte == 10 || byte == 13 || byte == 9 { at += 1 }
  }

  mutating func document() throws(JSON.ParseError) -> JSON {
    let result = try value(depth: 0)
    skipSpace()
    guard at == bytes.count else { throw fail("text after the value") }
    return result
  }

  mutating func value(depth: Int) throws(JSON.ParseError) -> JSON {
    guard depth < 64 else { throw fail("nested too deep") }
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  mutating func word(_ text: StaticString, _ result: JSON) throws(JSON.ParseError) -> JSON {
    let count = text.utf8CodeUnitCount
    guard at + count <= bytes.count else { throw fail("unknown word") }
    for index in 0..<count where bytes[at + index] != text.utf8Start[index] { throw fail("unknown word") }
    at += count
    return result
  }

  mutating func number() throws(JSON.ParseError) -> JSON {
    let start = at
    if peek == UInt8(ascii: "-") { at += 1 }
    while let byte = peek, byte >= 48, byte <= 57 { at += 1 }
    if let byte = peek, byte == 46 || byte == 69 || byte == 101 { throw fail("only integers are numbers here") }
    let digits = bytes[start..<at]
    guard let text = String(validating: digits, as: UTF8.self), let value = Int64(text) else { throw fail("not a number") }
    if (digits.first == 48 && digits.count > 1) || (digits.starts(with: [45, 48]) && digits.count > 2) { throw fail("leading zero") }
    return .int(value)
  }

  mutating func array(depth: Int) throws(JSON.ParseError) -> JSON {
    at += 1
    var items: [JSON] = []
    skipSpace()
    if peek == UInt8(ascii: "]") {
      at += 1
      return .array(items)
    }
    while true {
      items.append(try value(depth: depth + 1))
      skipSpace()
      switch peek {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "]"):
        at += 1
        return .array(items)
      default: throw fail("expected , or ]")
      }
    }
  }

  mutating func object(depth: Int) throws(JSON.ParseError) -> JSON {
    at += 1
    var members: [String: JSON] = [:]
    skipSpace()
    if peek == UInt8(ascii: "}") {
      at += 1
      return .object(members)
    }
    while true {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw fail("expected a key") }
      let key = try string()
      skipSpace()
      guard peek == UInt8(ascii: ":") else { throw fail("expected :") }
      at += 1
      guard members.updateValue(try value(depth: depth + 1), forKey: key) == nil else { throw fail("key twice") }
      skipSpace()
      switch peek {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "}"):
        at += 1
        return .object(members)
      default: throw fail("expected , or }")
      }
    }
  }

  mutating func string() throws(JSON.ParseError) -> String {
    at += 1
    // Nearly every string is plain: found by one scan and taken whole.
    let start = at
    while at < bytes.count, bytes[at] >= 32, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\") { at += 1 }
    if peek == UInt8(ascii: "\"") {
      at += 1
      guard let text = String(validating: bytes[start..<at - 1], as: UTF8.self) else { throw fail("not UTF-8") }
      return text
    }
    var out = Array(bytes[start..<at])
    while let byte = peek {
      at += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: out, as: UTF8.self) else { throw fail("not UTF-8") }
        return text
      case UInt8(ascii: "\\"): try escape(into: &out)
      case 0..<32: throw fail("control character in a string")
      default: out.append(byte)
      }
    }
    throw fail("string without end")
  }

  mutating func escape(into out: inout [UInt8]) throws(JSON.ParseError) {
    guard let byte = peek else { throw fail("escape without end") }
    at += 1
    switch byte {
    case UInt8(ascii: "n"): out.append(10)
    case UInt8(ascii: "r"): out.append(13)
    case UInt8(ascii: "t"): out.append(9)
    case UInt8(ascii: "b"): out.append(8)
    case UInt8(ascii: "f"): out.append(12)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
    case UInt8(ascii: "u"):
      var code = UInt32(try hex4())
      if (0xD800..<0xDC00).contains(code), at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") {
        at += 2
        let low = UInt32(try hex4())
        guard (0xDC00..<0xE000).contains(low) else { throw fail("lone surrogate") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw fail("lone surrogate") }
      out.append(contentsOf: Array(String(Character(scalar)).utf8))
    default: throw fail("unknown escape")
    }
  }

  mutating func hex4() throws(JSON.ParseError) -> UInt16 {
    guard at + 4 <= bytes.count, let pair = Hex.decode(String(decoding: bytes[at..<at + 4], as: UTF8.self)), pair.count == 2 else {
      throw fail("not four hexadecimal digits")
    }
    at += 4
    return UInt16(pair[0]) << 8 | UInt16(pair[1])
  }
}
