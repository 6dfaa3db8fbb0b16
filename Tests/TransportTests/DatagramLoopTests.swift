import Model
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import Transport

@Suite("Datagrams on a media loop")
struct DatagramLoopTests {
  private func watch(_ socket: DatagramSocket, _ flow: Int, _ receiver: DatagramEvents, on loop: MediaLoop) async throws -> DatagramWatch {
    try await loop.submit { try loop.watch(socket, flow: flow, receiver: receiver) }.get()
  }

  /// Waits until the kernel stamps: until a datagram that was held back for 5 ms says so. The first socket of a process has it begin, a moment later.
  private func stamped(_ receiver: DatagramEvents, _ sender: DatagramSocket, _ socket: DatagramSocket, on loop: MediaLoop) async throws {
    let clock = SystemClock()
    for _ in 0..<1000 {
      let held = await HeldLoop.hold(loop)
      sender.send([0], to: socket.address)
      let sent = clock.bootTime()
      await off { while clock.bootTime() - sent < .milliseconds(5) {} }
      held.letGo()
      if case .datagram(_, [0], _, let lag, _)? = await receiver.until({ $0.bytes == [0] }).last, lag > .milliseconds(4) { return }
    }
    Issue.record("the kernel stamps nothing")
  }

  @Test("the kernel's time of a datagram counts, however late it is read")
  func kernelTime() async throws {
    try await withLoop { loop in
      let clock = SystemClock()
      let (socket, sender, receiver) = (try DatagramSocket.local(), try DatagramSocket.local(), DatagramEvents())
      _ = try await watch(socket, 0, receiver, on: loop)
      try await stamped(receiver, sender, socket, on: loop)
      let held = await HeldLoop.hold(loop)
      let before = clock.bootTime()
      #expect(sender.send([1, 2, 3], to: socket.address) == .sent)
      let after = clock.bootTime()
      await off { while clock.bootTime() - after < .milliseconds(30) {} }
      held.letGo()
      guard case .datagram(_, [1, 2, 3], let arrival, let lag, 0)? = await receiver.until({ $0.bytes == [1, 2, 3] }).last else {
        Issue.record("no datagram")
        return
      }
      // Reading two clocks one after the other is worth some microseconds.
      let slack = Nanoseconds(200_000)
      #expect(arrival >= before - slack && arrival <= after + slack)
      #expect(lag >= .milliseconds(29))
    }
  }

  @Test("ten thousand datagrams in bursts come once each and in order, each between its sending and its reading")
  func bursts() async throws {
    try await withLoop { loop in
      let clock = SystemClock()
      let (socket, sender, receiver) = (try DatagramSocket.local(), try DatagramSocket.local(), DatagramEvents())
      _ = try await watch(socket, 7, receiver, on: loop)
      var (number, last, late) = (0, BootTime(nanoseconds: 0), 0)
      // Clocks are read anew in each round: two rounds may differ by some microseconds.
      let slack = Nanoseconds(200_000)
      for burst in 0..<100 {
        let before = clock.bootTime()
        for index in 0..<100 { sender.send([UInt8(burst), UInt8(index)], to: socket.address) }
        let events = await receiver.until { $0.bytes == [UInt8(burst), 99] }
        for case .datagram(let flow, let bytes, let arrival, let lag, let overflows) in events {
          #expect(flow == 7 && bytes == [UInt8(number / 100), UInt8(number % 100)] && overflows == 0)
          #expect(arrival >= before - slack && arrival >= last - slack)
          #expect(lag >= .zero && arrival + lag <= clock.bootTime())
          if lag > .zero { late += 1 }
          (number, last) = (number + 1, max(last, arrival))
        }
      }
      #expect(number == 10_000)
      // The arrival is the kernel's and not the read's.
      #expect(late > 9_000)
    }
  }

  @Test("what a full socket loses is counted by the datagrams after it")
  func overflow() async throws {
    try await withLoop { loop in
      let (socket, sender, receiver) = (try DatagramSocket.local(room: 8192), try DatagramSocket.local(), DatagramEvents())
      _ = try await watch(socket, 0, receiver, on: loop)
      let held = await HeldLoop.hold(loop)
      for _ in 0..<2000 { sender.send([UInt8](repeating: 9, count: 1000), to: socket.address) }
      held.letGo()
      let received = await receiver.until { $0 == .roundEnded }.count { $0.bytes?.count == 1000 }
      sender.send([1], to: socket.address)
      guard case .datagram(_, [1], _, _, let overflows)? = await receiver.until({ $0.bytes == [1] }).last else {
        Issue.record("no datagram")
        return
      }
      #expect(received > 0 && overflows > 0)
      #expect(received + Int(overflows) == 2000)
    }
  }

  @Test("a round that received something ends once for a receiver, however many sockets it came from, and no other receiver hears of it")
  func roundEnds() async throws {
    try await withLoop { loop in
      let (first, second, other) = (try DatagramSocket.local(), try DatagramSocket.local(), try DatagramSocket.local())
      let (receiver, bystander) = (DatagramEvents(), DatagramEvents())
      _ = try await watch(first, 1, receiver, on: loop)
      _ = try await watch(second, 2, receiver, on: loop)
      _ = try await watch(other, 3, bystander, on: loop)
      let sender = try DatagramSocket.local()
      let held = await HeldLoop.hold(loop)
      for number in 0..<5 {
        sender.send([UInt8(number)], to: first.address)
        sender.send([UInt8(number)], to: second.address)
      }
      held.letGo()
      let events = await receiver.until { $0 == .roundEnded }
      let flows = events.compactMap { event in if case .datagram(let flow, _, _, _, _) = event { flow } else { nil } }
      #expect(flows.sorted() == [1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
      for flow in [1, 2] {
        let bytes = events.compactMap { event in if case .datagram(flow, let bytes, _, _, _) = event { bytes } else { nil } }
        #expect(bytes == [[0], [1], [2], [3], [4]])
      }
      // Nothing more came of that round: the next event is the next datagram.
      sender.send([9], to: first.address)
      #expect(await receiver.until { _ in true }.last?.bytes == [9])
      sender.send([8], to: other.address)
      #expect(await bystander.until { _ in true }.last?.bytes == [8])
    }
  }

  @Test("one flood does not starve the others: four batches, then it is another socket's turn")
  func flood() async throws {
    try await withLoop { loop in
      let (flooded, quiet, sender) = (try DatagramSocket.local(), try DatagramSocket.local(), try DatagramSocket.local())
      let receiver = DatagramEvents()
      _ = try await watch(flooded, 1, receiver, on: loop)
      _ = try await watch(quiet, 2, receiver, on: loop)
      let held = await HeldLoop.hold(loop)
      for number in 0..<500 { sender.send([UInt8(truncatingIfNeeded: number)], to: flooded.address) }
      sender.send([77], to: quiet.address)
      held.letGo()
      let first = await receiver.until { $0 == .roundEnded }
      #expect(first.count == 4 * 64 + 1 + 1)
      #expect(first.contains { if case .datagram(2, [77], _, _, _) = $0 { true } else { false } })
      let rest = await receiver.until { $0 == .roundEnded }
      #expect(rest.count == 500 - 4 * 64 + 1)
    }
  }

  @Test("a socket that is unwatched in its own callback hands over nothing more, though it was read, and its round ends")
  func unwatchInside() async throws {
    try await withLoop { loop in
      let (socket, second, sender) = (try DatagramSocket.local(), try DatagramSocket.local(), try DatagramSocket.local())
      let (receiver, other) = (DatagramEvents(), DatagramEvents())
      let mine = try await watch(socket, 0, receiver, on: loop)
      _ = try await watch(second, 0, other, on: loop)
      try await loop.submit {
        receiver.onDatagram = { datagram in
          guard datagram.bytes.first == 3 else { return }
          loop.unwatch(mine)
          // Once more does no harm.
          loop.unwatch(mine)
        }
      }.get()
      let held = await HeldLoop.hold(loop)
      for number in 0..<200 { sender.send([UInt8(number)], to: socket.address) }
      held.letGo()
      let events = await receiver.until { $0 == .roundEnded }
      #expect(events.compactMap(\.bytes) == [[0], [1], [2], [3]])
      // The loop goes on for others, and the same socket can be watched again: what it still holds comes.
      sender.send([5], to: second.address)
      #expect(await other.until { $0.bytes != nil }.last?.bytes == [5])
      _ = try await watch(socket, 0, receiver, on: loop)
      sender.send([250], to: socket.address)
      #expect(await receiver.until { $0.bytes == [250] }.compactMap(\.bytes).first == [64])
    }
  }

  @Test("a socket that another's callback unwatches in the same round hands over nothing")
  func unwatchOther() async throws {
    try await withLoop { loop in
      let sockets = [try DatagramSocket.local(), try DatagramSocket.local()]
      let sender = try DatagramSocket.local()
      let receiver = DatagramEvents()
      let watches = [try await watch(sockets[0], 0, receiver, on: loop), try await watch(sockets[1], 1, receiver, on: loop)]
      try await loop.submit { receiver.onDatagram = { loop.unwatch(watches[1 - $0.flow]) } }.get()
      let held = await HeldLoop.hold(loop)
      for socket in sockets { sender.send([1], to: socket.address) }
      held.letGo()
      #expect(await receiver.until { $0 == .roundEnded }.compactMap(\.bytes).count == 1)
    }
  }

  @Test("a step of the wall clock is announced once to each receiver, before the datagrams of that round, which keep their arrival")
  func step() async throws {
    let clock = StepClock()
    let (logger, lines) = LogKeeper.make()
    let loops = try MediaLoops(count: 1, clock: clock, logger: logger)
    let loop = loops.nextLoop()
    let (first, second, sender) = (try DatagramSocket.local(), try DatagramSocket.local(), try DatagramSocket.local())
    let (receiver, idle) = (DatagramEvents(), DatagramEvents())
    _ = try await watch(first, 0, receiver, on: loop)
    _ = try await watch(second, 1, receiver, on: loop)
    _ = try await watch(try DatagramSocket.local(), 0, idle, on: loop)
    let before = clock.bootTime()
    let held = await HeldLoop.hold(loop)
    sender.send([1], to: first.address)
    sender.send([2], to: second.address)
    clock.step(.seconds(3600))
    held.letGo()
    let events = await receiver.until { $0 == .roundEnded }
    #expect(events.count == 4)
    #expect(events.first.map(DatagramLoopTests.hour) == true)
    for case .datagram(_, _, let arrival, let lag, _) in events { #expect(arrival >= before - Nanoseconds(200_000) && lag < .seconds(60)) }
    #expect(await idle.until { _ in true }.first.map(DatagramLoopTests.hour) == true)
    let warnings = lines.withLockedValue { $0 }
    #expect(warnings.count == 1 && warnings.allSatisfy { $0.hasPrefix("warning: clockStepped ") })
    try await loops.shutdownGracefully()
  }

  /// Both clocks are read one after the other, and the machine's own wall clock may be slewed meanwhile.
  private static func hour(_ event: DatagramEvents.Event) -> Bool {
    guard case .stepped(let step) = event else { return false }
    return step > .milliseconds(3_599_900) && step < .milliseconds(3_600_100)
  }

  @Test("a step is noticed while nothing comes, but not by a loop that watched no socket then")
  func stepWhileIdle() async throws {
    let clock = StepClock()
    let loops = try MediaLoops(count: 1, clock: clock)
    let loop = loops.nextLoop()
    let receiver = DatagramEvents()
    let socket = try DatagramSocket.local()
    let watched = try await watch(socket, 0, receiver, on: loop)
    clock.step(.seconds(-50))
    guard case .stepped(let step)? = await receiver.until({ _ in true }).last else {
      Issue.record("no step")
      return
    }
    #expect(step < .seconds(-49) && step > .seconds(-51))
    loop.unwatch(watched)
    try await loop.submit {}.get()
    clock.step(.seconds(50))
    _ = try await watch(socket, 0, receiver, on: loop)
    let sender = try DatagramSocket.local()
    sender.send([1], to: socket.address)
    #expect(await receiver.until { _ in true }.last?.bytes == [1])
    try await loops.shutdownGracefully()
  }

  @Test("a datagram longer than a jumbo frame is dropped, the longest whole one comes")
  func truncated() async throws {
    try await withLoop { loop in
      let (socket, sender, receiver) = (try DatagramSocket.local(), try DatagramSocket.local(), DatagramEvents())
      _ = try await watch(socket, 0, receiver, on: loop)
      let longest = MediaChannelTests.pattern(9216)
      sender.send(longest + [1], to: socket.address)
      sender.send(longest, to: socket.address)
      sender.send([], to: socket.address)
      #expect(await receiver.until { $0.bytes == [] }.compactMap(\.bytes) == [longest, []])
    }
  }

  @Test("two loops share a port: each source comes to one of them, whole, and any thread sends on either socket")
  func sharedPort() async throws {
    let loops = try MediaLoops(count: 2)
    let first = try DatagramSocket.bind(.loopback, sharesPort: true)
    let second = try DatagramSocket.bind(first.address, sharesPort: true)
    let receivers = [DatagramEvents(), DatagramEvents()]
    for (index, socket) in [first, second].enumerated() { _ = try await watch(socket, index, receivers[index], on: loops.loops[index]) }
    let clients = try (0..<32).map { _ in try DatagramSocket.local() }
    for round in 0..<10 { for (number, client) in clients.enumerated() { client.send([UInt8(number), UInt8(round)], to: first.address) } }
    // Counted by what came to either.
    let counts = NIOLockedValueBox<[[UInt8: [UInt8]]]>([[:], [:]])
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<2 {
        group.addTask {
          _ = await receivers[index].until { event in
            counts.withLockedValue { counts in
              if let bytes = event.bytes { counts[index][bytes[0], default: []].append(bytes[1]) }
              let all = counts.flatMap(\.values).reduce(0) { $0 + $1.count }
              if all == 320 { for receiver in receivers { receiver.end() } }
              return all == 320
            }
          }
        }
      }
    }
    let (here, there) = counts.withLockedValue { ($0[0], $0[1]) }
    #expect(!here.isEmpty && !there.isEmpty)
    #expect(Set(here.keys).isDisjoint(with: there.keys))
    #expect((Array(here.values) + Array(there.values)).allSatisfy { $0 == Array(0..<10) })
    // Back to one client from both sockets and other threads.
    let back = DatagramEvents()
    _ = try await watch(clients[0], 0, back, on: loops.loops[0])
    let target = clients[0].address
    _ = await off { first.send([1], to: target) }
    _ = await off { second.send([2], to: target) }
    #expect(await back.until { $0.bytes == [2] }.compactMap(\.bytes) == [[1], [2]])
    try await loops.shutdownGracefully()
  }

  @Test("a loop watches a socket once, and none at all once it has stopped; then it holds neither sockets nor receivers")
  func refused() async throws {
    let loops = try MediaLoops(count: 1)
    let loop = loops.nextLoop()
    let socket = try DatagramSocket.local()
    weak var released: DatagramEvents?
    do {
      let receiver = DatagramEvents()
      released = receiver
      _ = try await watch(socket, 0, receiver, on: loop)
      await #expect(throws: Fault.self) { _ = try await watch(socket, 1, receiver, on: loop) }
    }
    #expect(released != nil)
    try await loops.shutdownGracefully()
    #expect(released == nil)
  }
}
