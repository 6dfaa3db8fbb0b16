import Measure
import Model

/// A node's journal in memory: facts in order, with hashes that differ for different facts.
struct FactLog {
  var node = "county"
  var boot = "boot-a"
  private(set) var facts: [Fact] = []

  @discardableResult
  mutating func add(_ kind: String, at time: Int64, _ fields: [String: JSON], wall: String = "2026-11-22T10:00:00Z") -> Fact {
    let sequence = Int64(facts.count + 1)
    let body = JSON.object(fields).text + "|\(node)|\(boot)|\(sequence)|\(time)|\(kind)"
    let fact = Fact(
      node: node, boot: boot, sequence: sequence, bootTime: BootTime(nanoseconds: time), wall: wall, kind: kind,
      previous: facts.last?.hash ?? String(repeating: "0", count: 64), hash: weakHash(body), fields: fields)
    facts.append(fact)
    return fact
  }
}

/// Stands for SHA-256 where only difference matters (FNV-1a, four lanes).
func weakHash(_ text: String) -> String {
  var lanes: [UInt64] = [1, 2, 3, 4].map { 0xCBF2_9CE4_8422_2325 &+ $0 }
  for byte in text.utf8 {
    for lane in lanes.indices { lanes[lane] = (lanes[lane] ^ UInt64(byte)) &* 0x100_0000_01B3 &+ UInt64(lane) }
  }
  return lanes.map { lane in Hex.encode((0..<8).map { UInt8(truncatingIfNeeded: lane >> (8 * UInt64($0))) }) }.joined()
}
