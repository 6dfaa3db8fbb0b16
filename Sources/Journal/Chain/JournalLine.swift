internal import Crypto
internal import FoundationEssentials
internal import Model

/// Why a line is not one of a journal's; the offset counts from the line's first byte.
struct LineError: Error {
  var offset: Int
  var message: String
}

/// The bytes of a journal line (docs/journal.md): the envelope in its fixed order, then the fact's own fields sorted.
enum JournalLine {
  /// Longest line, LF included. A reader may rely on it.
  static let maximumBytes = 1 << 20
  /// Highest number a line may have, so that the one after it is a number too: a forged line must not trap whoever counts on.
  static let largestSequence = Int64.max / 2
  static let zeroHash = String(repeating: "0", count: 64)
  static let envelope: Set<String> = ["v", "node", "boot", "seq", "boottimeNs", "wall", "kind", "prev"]

  /// The part of a line that does not depend on its place in the chain: `,"a":1,…}` and LF.
  /// Throws `.factInvalid` for a bad kind or field name, a field that an envelope's member hides, or a line that would be too long.
  static func body(kind: String, fields: [String: JSON]) throws(Fault) -> [UInt8] {
    guard isKind(kind) else { throw Fault(.factInvalid, "kind \(kind.prefix(80))") }
    var text = ""
    for key in fields.keys.sorted() {
      guard isFieldName(key), !envelope.contains(key) else { throw Fault(.factInvalid, "\(kind): field \(key.prefix(80))") }
      text += ",\"\(key)\":"
      (fields[key] ?? .null).write(to: &text)
    }
    text += "}\n"
    guard text.utf8.count <= maximumBytes - 2048 else { throw Fault(.factInvalid, "\(kind): \(text.utf8.count) bytes") }
    return Array(text.utf8)
  }

  static func bytes(
    node: String, boot: String, sequence: Int64, bootTime: BootTime, wall: String, kind: String, previous: String, body: [UInt8]
  ) -> [UInt8] {
    let head =
      "{\"v\":1,\"node\":\(JSON.string(node).text),\"boot\":\(JSON.string(boot).text),\"seq\":\(sequence)"
      + ",\"boottimeNs\":\(bootTime.nanoseconds),\"wall\":\"\(wall)\",\"kind\":\"\(kind)\",\"prev\":\"\(previous)\""
    return Array(head.utf8) + body
  }

  static func hash(_ line: some Collection<UInt8>) -> String { Hex.encode(SHA256.hash(data: Array(line))) }

  /// Reads one line, LF included. The error's text says what is wrong with it; its offset counts from the line's first byte.
  static func parse(_ line: [UInt8]) throws(LineError) -> Fact {
    guard line.last == 10 else { throw LineError(offset: line.count, message: "no line feed at the end") }
    let json: JSON
    do throws(JSON.ParseError) {
      json = try JSON(parsing: line.dropLast())
    } catch {
      throw LineError(offset: error.offset, message: error.message)
    }
    guard case .object(let members) = json else { throw LineError(offset: 0, message: "not an object") }
    guard members["v"]?.intValue == 1 else { throw LineError(offset: 0, message: "v is not 1") }
    guard let node = members["node"]?.stringValue, let boot = members["boot"]?.stringValue,
      let sequence = members["seq"]?.intValue, (1...largestSequence).contains(sequence), let bootTime = members["boottimeNs"]?.intValue,
      let wall = members["wall"]?.stringValue, let kind = members["kind"]?.stringValue,
      let previous = members["prev"]?.stringValue, isHash(previous)
    else { throw LineError(offset: 0, message: "the envelope is not whole") }
    return Fact(
      node: node, boot: boot, sequence: sequence, bootTime: BootTime(nanoseconds: bootTime), wall: wall, kind: kind,
      previous: previous, hash: hash(line), fields: members)
  }

  /// Letters and digits in parts joined by dots, 64 bytes at most.
  static func isKind(_ text: String) -> Bool {
    guard text.utf8.count <= 64 else { return false }
    return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { part in
      guard let first = part.first, !(48...57).contains(first) else { return false }
      return part.allSatisfy { isLetterOrDigit($0) }
    }
  }

  /// A letter, then letters, digits and `_`, 64 bytes at most.
  static func isFieldName(_ text: String) -> Bool {
    guard text.utf8.count <= 64, let first = text.utf8.first, !(48...57).contains(first), first != 95 else { return false }
    return text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == 95 }
  }

  static func isHash(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
  }
}
