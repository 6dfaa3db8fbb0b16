import Glibc
import Journal
import Model
import Testing

@Suite("A node's identity")
struct NodeIdentityTests {
  @Test("The key is made once, is the owner's alone to read, and comes back equal")
  func made() throws {
    let folder = try TemporaryFolder()
    let first = try NodeIdentity.load(dataFolder: folder.path)
    var status = stat()
    #expect(stat(folder.path + "/keys/node.key", &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    let again = try NodeIdentity.load(dataFolder: folder.path)
    #expect(first.publicKey == again.publicKey)
    #expect(again.fingerprint.utf8.count == 64)
    #expect(again.publicKey.fingerprintForReading.split(separator: " ").count == 16)
    #expect(again.publicKey.fingerprintForReading.filter { $0 != " " } == again.fingerprint)
    #expect(NodePublicKey(dataFolder: folder.path) == first.publicKey)
  }

  @Test("A copied key that others may read is made private again")
  func tightened() throws {
    let folder = try TemporaryFolder()
    _ = try NodeIdentity.load(dataFolder: folder.path)
    chmod(folder.path + "/keys/node.key", 0o644)
    _ = try NodeIdentity.load(dataFolder: folder.path)
    var status = stat()
    stat(folder.path + "/keys/node.key", &status)
    #expect(status.st_mode & 0o777 == 0o600)
  }

  @Test("A key that cannot be read is never replaced")
  func broken() throws {
    let folder = try TemporaryFolder()
    _ = try NodeIdentity.load(dataFolder: folder.path)
    let path = folder.path + "/keys/node.key"
    let damaged = Array(try bytes(of: path).dropLast(40))
    try write(damaged, to: path)
    #expect(throws: Fault(.keyFileBroken, path)) { try NodeIdentity.load(dataFolder: folder.path) }
    #expect(try bytes(of: path) == damaged)
  }

  @Test("A key that is gone while there is a journal is told, and no new one is made in silence")
  func gone() async throws {
    let folder = try TemporaryFolder()
    let journal = try Journal.open(dataFolder: folder.path, node: "n", identity: try NodeIdentity.load(dataFolder: folder.path), version: "0")
    await journal.close()
    let path = folder.path + "/keys/node.key"
    #expect(unlink(path) == 0)
    #expect(throws: Fault(.nodeKeyMissing, path)) { try NodeIdentity.load(dataFolder: folder.path) }
    #expect(access(path, F_OK) != 0)
  }

  @Test("PEM and raw bytes turn into each other, and nothing else passes for a key")
  func pem() throws {
    let key = try NodeIdentity.temporary().publicKey
    #expect(NodePublicKey(pem: key.pem) == key)
    #expect(NodePublicKey(pem: "text before\r\n" + key.pem.split(separator: "\n").joined(separator: "\r\n")) == key)
    #expect(NodePublicKey(raw: key.raw) == key)
    #expect(NodePublicKey(raw: Array(key.raw.dropLast())) == nil)
    #expect(NodePublicKey(pem: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n") == nil)
    #expect(NodePublicKey(pem: "") == nil)
  }

  @Test("The signature of RFC 8032's third test vector verifies, and one changed bit does not")
  func vector() throws {
    let raw = try #require(Hex.decode("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"))
    let signature = try #require(
      Hex.decode(
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"))
    let key = try #require(NodePublicKey(raw: raw))
    #expect(key.isValid(signature: signature, of: [0xAF, 0x82]))
    #expect(!key.isValid(signature: signature, of: [0xAF, 0x83]))
    #expect(!key.isValid(signature: [], of: [0xAF, 0x82]))
  }

  @Test("openssl accepts our signatures and our key files", .enabled(if: hasProgram("openssl"), "needs openssl"))
  func openssl() throws {
    let folder = try TemporaryFolder()
    let identity = try NodeIdentity.load(dataFolder: folder.path)
    let message = Array("首帧 receipt\n".utf8)
    try write(message, to: folder.path + "/message")
    try write(try identity.sign(message), to: folder.path + "/signature")
    let verify = [
      "openssl", "pkeyutl", "-verify", "-pubin", "-inkey", folder.path + "/keys/pub.pem", "-rawin", "-in", folder.path + "/message",
      "-sigfile", folder.path + "/signature",
    ]
    let good = try run(verify)
    #expect(good.status == 0)
    #expect(good.output.contains("Signature Verified Successfully"))
    try write(message + [0], to: folder.path + "/message")
    #expect(try run(verify).status != 0)
    // The private key is a plain PKCS #8 file: openssl derives the same public key from it.
    let derived = try run(["openssl", "pkey", "-in", folder.path + "/keys/node.key", "-pubout"])
    #expect(derived.output == identity.publicKey.pem)
  }

  @Test("A signature made by openssl verifies here", .enabled(if: hasProgram("openssl"), "needs openssl"))
  func fromOpenssl() throws {
    let folder = try TemporaryFolder()
    let message = Array("beacon".utf8)
    try write(message, to: folder.path + "/message")
    #expect(try run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", folder.path + "/k"]).status == 0)
    let pem = try run(["openssl", "pkey", "-in", folder.path + "/k", "-pubout"]).output
    let sign = [
      "openssl", "pkeyutl", "-sign", "-inkey", folder.path + "/k", "-rawin", "-in", folder.path + "/message", "-out", folder.path + "/s",
    ]
    #expect(try run(sign).status == 0)
    let key = try #require(NodePublicKey(pem: pem))
    #expect(key.isValid(signature: try bytes(of: folder.path + "/s"), of: message))
  }
}
