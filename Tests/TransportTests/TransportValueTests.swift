import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

@Suite("What a media loop keeps in values")
struct TransportValueTests {
  @Test("timers leave the heap by deadline, equal ones by age")
  func heap() {
    var generator = SystemRandomNumberGenerator()
    var heap = TimerHeap()
    var expected: [(UInt64, Int)] = []
    var fired: [Int] = []
    for number in 0..<2000 {
      let deadline = UInt64.random(in: 0..<500, using: &generator)
      expected.append((deadline, number))
      heap.insert(TimerHeap.Timer(deadline: .uptimeNanoseconds(deadline)) { _ in fired.append(number) })
    }
    #expect(heap.next == .uptimeNanoseconds(expected.map(\.0).min() ?? 0))
    while let timer = heap.removeDue(at: .uptimeNanoseconds(250)) { timer.fire(isDue: true) }
    let due = expected.filter { $0.0 <= 250 }.sorted { $0 < $1 }.map(\.1)
    #expect(fired == due)
    #expect(heap.count == 2000 - due.count)
    while let timer = heap.removeDue(at: .distantFuture) { timer.fire(isDue: true) }
    #expect(fired == expected.sorted { $0 < $1 }.map(\.1))
    #expect(heap.next == nil)
  }

  @Test("a backlog keeps order, tells who has left, and holds nobody's storage")
  func queue() throws {
    let loop = EmbeddedEventLoop()
    var queue = WriteQueue()
    var done: [Int] = []
    for number in 0..<5 {
      let promise = loop.makePromise(of: Void.self)
      promise.futureResult.assumeIsolated().whenSuccess { done.append(number) }
      queue.append(ByteBuffer(repeating: UInt8(number), count: 100), promise)
    }
    #expect(queue.bytes.readableBytes == 500)
    for promise in queue.advance(250) { promise.succeed() }
    loop.run()
    #expect(done == [0, 1])
    #expect(queue.bytes.getInteger(at: queue.bytes.readerIndex, as: UInt8.self) == 2)
    queue.append(ByteBuffer(), loop.makeSucceededVoidPromise(into: { done.append(9) }))
    for promise in queue.advance(250) { promise.succeed() }
    loop.run()
    #expect(done == [0, 1, 2, 3, 4, 9])
    #expect(queue.isEmpty)
    #expect(queue.removeAll().isEmpty)
  }
}

extension EmbeddedEventLoop {
  /// A promise that calls `body` when it is fulfilled.
  fileprivate func makeSucceededVoidPromise(into body: @escaping () -> Void) -> EventLoopPromise<Void> {
    let promise = makePromise(of: Void.self)
    promise.futureResult.assumeIsolated().whenSuccess { body() }
    return promise
  }
}
