import FirstFrameTesting
import Journal
import Model
import Testing

@testable import Cascade

@Suite("The control link's handshake")
struct HandshakeTests {
  private func pair() throws -> (lower: NodeIdentity, upper: NodeIdentity) { (try .temporary(), try .temporary()) }

  private func link() throws -> (lower: LinkCipher, upper: LinkCipher) {
    let (lower, upper) = try pair()
    var caller = LinkHandshake(isLower: true, identity: lower, node: "deqing", boot: "b1")
    var answerer = LinkHandshake(isLower: false, identity: upper, node: "zhejiang", boot: "b2")
    let welcome = try answerer.receive(hello: caller.makeHello(), known: { $0 == "deqing" ? lower.publicKey : nil })
    let (proof, cipher) = try caller.receive(welcome: welcome, expected: upper.fingerprint)
    return (cipher, try answerer.receive(proof: proof))
  }

  @Test("both ends come to keys that open each other's messages, in order only")
  func agree() throws {
    var (lower, upper) = try link()
    let first = try lower.seal([1, 2, 3])
    let second = try lower.seal([4])
    let opened = try upper.open(first)
    #expect(opened == [1, 2, 3])
    #expect(throws: Fault.self) { try upper.open(first) }
    var (other, otherUpper) = try link()
    let early = try other.seal([1])
    let late = try other.seal([2])
    _ = early
    #expect(throws: Fault.self) { try otherUpper.open(late) }
    #expect(second != [4])
    let back = try upper.seal([9])
    let answer = try lower.open(back)
    #expect(answer == [9])
  }

  @Test("a flipped bit anywhere in a sealed message is seen")
  func tamper() throws {
    for bit in 0..<(19 * 8) {
      var (lower, upper) = try link()
      var sealed = try lower.seal([1, 2, 3])
      sealed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: Fault.self) { try upper.open(sealed) }
    }
  }

  @Test("a node that was never paired, or shows another key, is refused by name")
  func strangers() throws {
    let (lower, upper) = try pair()
    let impostor = try NodeIdentity.temporary()
    var caller = LinkHandshake(isLower: true, identity: impostor, node: "deqing", boot: "b1")
    var answerer = LinkHandshake(isLower: false, identity: upper, node: "zhejiang", boot: "b2")
    let fault = #expect(throws: Fault.self) { try answerer.receive(hello: caller.makeHello(), known: { _ in lower.publicKey }) }
    #expect(fault?.code == .peerKeyMismatch)
    var honest = LinkHandshake(isLower: true, identity: lower, node: "deqing", boot: "b1")
    var fake = LinkHandshake(isLower: false, identity: impostor, node: "zhejiang", boot: "b2")
    let welcome = try fake.receive(hello: honest.makeHello(), known: { _ in lower.publicKey })
    #expect(throws: Fault.self) { try honest.receive(welcome: welcome, expected: upper.fingerprint) }
  }

  @Test("a recorded hello cannot be answered to the end by whoever replays it")
  func replay() throws {
    let (lower, upper) = try pair()
    var caller = LinkHandshake(isLower: true, identity: lower, node: "deqing", boot: "b1")
    let hello = caller.makeHello()
    var first = LinkHandshake(isLower: false, identity: upper, node: "zhejiang", boot: "b2")
    let (proof, _) = try caller.receive(welcome: try first.receive(hello: hello, known: { _ in lower.publicKey }), expected: upper.fingerprint)
    _ = try first.receive(proof: proof)
    var second = LinkHandshake(isLower: false, identity: upper, node: "zhejiang", boot: "b2")
    _ = try second.receive(hello: hello, known: { _ in lower.publicKey })
    #expect(throws: Fault.self) { try second.receive(proof: proof) }
  }

  @Test("2000 mutants of each handshake message neither trap nor pass for the real one")
  func fuzz() throws {
    let (lower, upper) = try pair()
    var mutator = Mutator(seed: 7)
    var caller = LinkHandshake(isLower: true, identity: lower, node: "deqing", boot: "b1")
    let hello = caller.makeHello()
    var answerer = LinkHandshake(isLower: false, identity: upper, node: "zhejiang", boot: "b2")
    let welcome = try answerer.receive(hello: hello, known: { _ in lower.publicKey })
    for _ in 0..<2000 {
      var one = LinkHandshake(isLower: false, identity: upper, node: "zhejiang", boot: "b2")
      _ = try? one.receive(hello: mutator.mutate(hello, with: welcome), known: { $0 == "deqing" ? lower.publicKey : nil })
      let mutant = mutator.mutate(welcome, with: hello)
      var other = caller
      // A mutant that still says the same (a digit in upper case) is found out by the upper node: the proof signs the very bytes.
      if mutant != welcome, let taken = try? other.receive(welcome: mutant, expected: upper.fingerprint) {
        var end = answerer
        #expect((try? end.receive(proof: taken.proof)) == nil)
      }
      _ = try? LinkMessage(mutator.mutate(Array(LinkMessage.timeAnswer(t1: 1, t2: 2, t3: 3).json.text.utf8), with: hello))
    }
  }
}
