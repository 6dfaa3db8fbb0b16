internal import Model

/// Random bytes from the system, as hexadecimal.
public enum Nonce {
  /// 2 × `bytes` lower-case digits.
  public static func random(bytes: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    return Hex.encode((0..<max(0, bytes)).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }
}
