/// A scheme and its parameters as `Authorization` and `WWW-Authenticate` carry them (RFC 2617 §1.2).
struct AuthenticationScheme: Hashable, Sendable {
  /// In small letters.
  var name: String
  /// What follows the name when it is no list of parameters (Basic's credentials).
  var token: String?
  /// Names in small letters; without quotes. The first of several counts.
  var parameters: [String: String] = [:]

  /// The schemes of one header; a header may name several, separated by the same commas as their parameters. Missing commas, spaces around `=` and
  /// values without quotes are read too. Of more than 64 words the rest is passed over.
  static func parse(_ header: String) -> [AuthenticationScheme] {
    var schemes: [AuthenticationScheme] = []
    var scanner = AuthenticationScanner(header)
    for _ in 0..<64 {
      guard let word = scanner.word() else { break }
      if let value = scanner.value() {
        guard let last = schemes.indices.last else { continue }
        let name = word.lowercased()
        if schemes[last].parameters[name] == nil { schemes[last].parameters[name] = value }
      } else if !word.isEmpty {
        var scheme = AuthenticationScheme(name: word.lowercased())
        if scheme.name == "basic" { scheme.token = scanner.token() }
        schemes.append(scheme)
      }
    }
    return schemes
  }
}

/// Walks one header of authentication, word by word.
private struct AuthenticationScanner {
  private let bytes: [UInt8]
  private var at = 0

  init(_ header: String) { bytes = Array(header.utf8) }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

  private func byte(_ index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range.clamped(to: bytes.indices)], as: UTF8.self) }

  /// Behind spaces from an index on.
  private func afterSpaces(_ index: Int) -> Int {
    var index = index
    while let byte = byte(index), Self.isSpace(byte) { index &+= 1 }
    return index
  }

  /// Behind the word that begins at an index.
  private func endOfWord(_ index: Int) -> Int {
    var index = index
    while let byte = byte(index), !Self.isSpace(byte), byte != 44, byte != 61, byte != 34 { index &+= 1 }
    return index
  }

  /// The next word; empty for a stray sign, nil at the end.
  mutating func word() -> String? {
    while let byte = byte(at), Self.isSpace(byte) || byte == 44 { at &+= 1 }
    guard at < bytes.count else { return nil }
    let start = at
    at = endOfWord(start)
    guard at > start else {
      if byte(at) != 61 { at &+= 1 }
      return ""
    }
    return text(start..<at)
  }

  /// What stands behind the `=` that follows; nil without one.
  mutating func value() -> String? {
    let sign = afterSpaces(at)
    guard byte(sign) == 61 else { return nil }
    at = afterSpaces(sign &+ 1)
    return byte(at) == 34 ? quoted() : bare()
  }

  private mutating func quoted() -> String {
    let start = at
    at &+= 1
    while let byte = byte(at), byte != 34 { at &+= byte == 92 ? 2 : 1 }
    guard at < bytes.count else {
      at = bytes.count
      return text((start &+ 1)..<at)
    }
    at &+= 1
    return HeaderParameters.unquoted(text(start..<at))
  }

  /// Up to a comma, or to the next `name=`: devices leave out quotes around values with spaces, and commas.
  private mutating func bare() -> String {
    let start = at
    while let byte = byte(at), byte != 44 {
      if Self.isSpace(byte) {
        let next = afterSpaces(at)
        let end = endOfWord(next)
        if end > next, self.byte(afterSpaces(end)) == 61 { break }
      }
      at &+= 1
    }
    return trimmed(text(start..<at))
  }

  /// Basic's credentials; nil before `realm=`.
  mutating func token() -> String? {
    let start = afterSpaces(at)
    let end = endOfWord(start)
    if RTSPHeaders.equal(text(start..<end), "realm"), byte(afterSpaces(end)) == 61 { return nil }
    at = start
    while let byte = byte(at), byte != 44 { at &+= 1 }
    let token = trimmed(text(start..<at))
    return token.isEmpty ? nil : token
  }
}
