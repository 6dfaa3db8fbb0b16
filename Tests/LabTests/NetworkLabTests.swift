import FirstFrameTesting
import Glibc
import Model
import Testing

@Suite(
  "The lab's link does what its log says", .serialized,
  .enabled(if: NetworkLab.obstacle == nil, Comment(rawValue: NetworkLab.obstacle ?? "")))
struct NetworkLabTests {
  /// Sends `count` numbered datagrams to the centre, one a millisecond.
  private func send(_ count: Int, over lab: NetworkLab) async throws {
    try await lab.field.run {
      let socket = try FieldSocket.datagrams(5000)
      for number in 0..<count {
        try socket.send([UInt8(number >> 8), UInt8(number & 255)], to: 6000)
        usleep(1000)
      }
    }
  }

  /// Numbers that come to the centre's port 6000, until `last` does or nothing has come for a second.
  private func receive(until last: Int, in lab: NetworkLab, ready: AsyncStream<Void>.Continuation) async throws -> [Int] {
    try await lab.centre.run {
      let socket = try FieldSocket.datagrams(6000, host: NetworkLab.centreAddress, patience: 1)
      ready.yield()
      var numbers: [Int] = []
      while let datagram = socket.receive(), datagram.count == 2 {
        numbers.append(Int(datagram[0]) << 8 | Int(datagram[1]))
        if numbers.last == last { break }
      }
      return numbers
    }
  }

  private func run(_ forward: Impairment, seed: UInt64, count: Int) async throws -> (received: [Int], log: TruthLog) {
    let lab = try await NetworkLab(seed: seed, forward: forward, back: Impairment())
    let (stream, ready) = AsyncStream<Void>.makeStream()
    async let received = receive(until: -1, in: lab, ready: ready)
    for await _ in stream { break }
    try await send(count, over: lab)
    return (try await received, await lab.stop())
  }

  @Test("a receiver beside the log gets what the log says, in its order, and every kernel stamp lies inside the call that caused it")
  func logged() async throws {
    var impairment = Impairment(delay: .milliseconds(5))
    impairment.loss = 0.05
    impairment.duplication = 0.05
    impairment.jitter = .exponential(.milliseconds(3))
    let (received, log) = try await run(impairment, seed: 5, count: 500)
    let delivered = log.delivered(.forward, .media)
    #expect(delivered.map { Int($0.number) } == received)
    #expect(log.rows(.forward, .media).count { !$0.isCopy } == 500)
    let lost = log.rows(.forward, .media).filter { $0.fate == .lost }
    #expect((5...60).contains(lost.count))
    #expect(Set(received).isDisjoint(with: lost.map { Int($0.number) }))
    for row in delivered {
      let (before, after, stamp) = (try #require(row.before), try #require(row.after), try #require(row.stamp))
      #expect(before.kernel <= stamp && stamp <= after.kernel)
      #expect(row.due <= before.boot)
      #expect(row.due - row.taken.boot >= .milliseconds(5))
    }
    #expect(log.refused == 0 && log.unknown == 0)
    #expect(log.csv.split(separator: "\n").count == log.rows.count + 1)
  }

  @Test("the same seed loses and doubles the same packets again")
  func again() async throws {
    var impairment = Impairment()
    impairment.burst = Impairment.Burst(toBad: 0.05, toGood: 0.3)
    impairment.duplication = 0.1
    let first = try await run(impairment, seed: 9, count: 300)
    let second = try await run(impairment, seed: 9, count: 300)
    #expect(first.received.sorted() == second.received.sorted())
    #expect(first.received.count != 300)
  }

  @Test("a link can be cut and mended while it runs")
  func changed() async throws {
    let lab = try await NetworkLab(seed: 1, forward: Impairment(), back: Impairment())
    let (stream, ready) = AsyncStream<Void>.makeStream()
    async let received = receive(until: -1, in: lab, ready: ready)
    for await _ in stream { break }
    var cut = Impairment()
    cut.loss = 1
    try await send(20, over: lab)
    await lab.change(forward: cut, back: Impairment())
    try await send(20, over: lab)
    await lab.change(forward: Impairment(), back: Impairment())
    try await send(20, over: lab)
    #expect(try await received.count == 40)
    let fates = await lab.stop().rows(.forward, .media).map(\.fate)
    #expect(fates.count { $0 == .lost } == 20)
  }

  @Test("nothing of a lab is left when it is gone, stopped or not")
  func gone() async throws {
    func descriptors() -> Int {
      guard let folder = opendir("/proc/self/fd") else { return -1 }
      defer { closedir(folder) }
      var count = 0
      while readdir(folder) != nil { count += 1 }
      return count
    }
    _ = await (try NetworkLab(seed: 1, forward: Impairment(), back: Impairment())).stop()
    let before = descriptors()
    for _ in 0..<5 {
      let lab = try await NetworkLab(seed: 1, forward: Impairment(), back: Impairment())
      _ = await lab.stop()
      _ = try await NetworkLab(seed: 1, forward: Impairment(), back: Impairment())
    }
    // The threads of labs that were let go end by themselves within moments.
    for _ in 0..<200 where descriptors() > before { usleep(10_000) }
    #expect(descriptors() <= before)
    #expect(if_nametoindex("lab-field") == 0 && if_nametoindex("lab-centre") == 0)
  }
}
