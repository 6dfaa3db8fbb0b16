/// Random digits from the system's source: nonces, tokens, the part of an id that nobody can guess.
public enum RandomHex {
  /// So many lower-case hexadecimal digits; four bits of chance each.
  public static func digits(_ count: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<(max(0, count) + 1) / 2).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return String(Hex.encode(bytes).prefix(max(0, count)))
  }
}
