internal import Crypto
internal import FoundationEssentials
internal import Model

/// Seals and opens a link's messages: ChaCha20-Poly1305 with the message's number as nonce, so that none can be read, changed, dropped,
/// repeated or reordered unseen.
struct LinkCipher {
  private let keys: LinkKeys
  private var sent: UInt64 = 0
  private var received: UInt64 = 0

  init(_ keys: LinkKeys) { self.keys = keys }

  mutating func seal(_ plain: [UInt8]) throws(Fault) -> [UInt8] {
    defer { sent &+= 1 }
    do {
      let box = try ChaChaPoly.seal(plain, using: keys.sending, nonce: try LinkCipher.nonce(sent))
      return Array(box.ciphertext) + Array(box.tag)
    } catch { throw Fault(.linkMalformed, "seal") }
  }

  mutating func open(_ sealed: [UInt8]) throws(Fault) -> [UInt8] {
    guard sealed.count >= 16 else { throw Fault(.linkMalformed, "short frame") }
    defer { received &+= 1 }
    do {
      let box = try ChaChaPoly.SealedBox(
        nonce: try LinkCipher.nonce(received), ciphertext: sealed.dropLast(16), tag: sealed.suffix(16))
      return Array(try ChaChaPoly.open(box, using: keys.receiving))
    } catch { throw Fault(.linkMalformed, "the message does not authenticate") }
  }

  private static func nonce(_ number: UInt64) throws -> ChaChaPoly.Nonce {
    var bytes = [UInt8](repeating: 0, count: 12)
    for index in 0..<8 { bytes[4 + index] = UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64(index))) }
    return try ChaChaPoly.Nonce(data: bytes)
  }
}
