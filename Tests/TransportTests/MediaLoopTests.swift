import Dispatch
import Model
import NIOConcurrencyHelpers
import NIOCore
import Testing
import Transport

@Suite("A media loop as an event loop")
struct MediaLoopTests {
  @Test("tasks of many threads all run on the loop, each thread's in its order")
  func execute() async throws {
    try await withLoop { loop in
      // `@unchecked Sendable`: touched on the loop only.
      final class Seen: @unchecked Sendable {
        var next = [0, 0, 0, 0]
        var wrong = 0
      }
      let seen = Seen()
      await withTaskGroup(of: Void.self) { group in
        for thread in 0..<4 {
          group.addTask {
            await off {
              for number in 0..<5000 {
                loop.execute {
                  if !loop.inEventLoop || seen.next[thread] != number { seen.wrong += 1 }
                  seen.next[thread] = number + 1
                }
              }
            }
          }
        }
      }
      // Every task was handed over before this one.
      let (next, wrong) = try await loop.submit { (seen.next, seen.wrong) }.get()
      #expect(next == [5000, 5000, 5000, 5000])
      #expect(wrong == 0)
      #expect(!loop.inEventLoop)
    }
  }

  @Test("a task that a sleeping loop is given wakes it")
  func wakes() async throws {
    try await withLoop { loop in
      for round in 0..<200 {
        let answer = try await loop.submit { round }.get()
        #expect(answer == round)
      }
    }
  }

  @Test("timers run in the order of their deadlines, not before them, and a cancelled one never")
  func timers() async throws {
    try await withLoop { loop in
      let order = NIOLockedValueBox<[Int]>([])
      let begin = NIODeadline.now()
      let late = loop.scheduleTask(in: .milliseconds(30)) { order.withLockedValue { $0.append(30) } }
      let early = loop.scheduleTask(in: .milliseconds(10)) { order.withLockedValue { $0.append(10) } }
      let never = loop.scheduleTask(in: .milliseconds(20)) { order.withLockedValue { $0.append(20) } }
      never.cancel()
      try await early.futureResult.get()
      #expect(NIODeadline.now() - begin >= .milliseconds(10))
      try await late.futureResult.get()
      #expect(NIODeadline.now() - begin >= .milliseconds(30))
      #expect(order.withLockedValue { $0 } == [10, 30])
      await #expect(throws: EventLoopError.cancelled) { try await never.futureResult.get() }
    }
  }

  @Test("a repeated task comes again until it is cancelled")
  func repeated() async throws {
    try await withLoop { loop in
      let (ticks, continuation) = AsyncStream.makeStream(of: Void.self)
      let task = loop.scheduleRepeatedTask(initialDelay: .milliseconds(1), delay: .milliseconds(1)) { _ in continuation.yield() }
      var count = 0
      for await _ in ticks {
        count += 1
        if count == 5 { break }
      }
      let promise = loop.makePromise(of: Void.self)
      task.cancel(promise: promise)
      try await promise.futureResult.get()
      #expect(count == 5)
    }
  }

  @Test("futures of two loops hop between them")
  func hop() async throws {
    let loops = try MediaLoops(count: 2)
    let (first, second) = (loops.loops[0], loops.loops[1])
    let there = try await first.submit { first.inEventLoop }.hop(to: second).map { $0 && second.inEventLoop }.get()
    #expect(there)
    try await loops.shutdownGracefully()
  }

  @Test("a loop that stops fails its timers, closes its channels and runs nothing more; stopping again is no harm")
  func shutdown() async throws {
    let loops = try MediaLoops(count: 1)
    let loop = loops.nextLoop()
    let timer = loop.scheduleTask(in: .hours(1)) {}
    let (channel, peer) = try Peer.pair(on: loop) { _ in }
    // Asked before: a loop that has stopped tells nobody anything more.
    let (told, continuation) = AsyncStream.makeStream(of: String.self)
    timer.futureResult.whenFailure { continuation.yield("timer: \($0)") }
    channel.closeFuture.whenComplete { _ in continuation.yield("closed") }
    try await loop.submit {}.get()
    try await loops.shutdownGracefully()
    continuation.finish()
    var seen: [String] = []
    for await one in told { seen.append(one) }
    #expect(seen.sorted() == ["closed", "timer: \(EventLoopError.shutdown)"])
    #expect(await peer.receive(1) == [])
    let ran = NIOLockedValueBox(false)
    loop.execute { ran.withLockedValue { $0 = true } }
    try await loops.shutdownGracefully()
    #expect(!ran.withLockedValue { $0 })
  }
}
