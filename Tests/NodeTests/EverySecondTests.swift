import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import firstframe

@Suite("A part that works once a second")
struct EverySecondTests {
  @Test("it is called after each second, and not any more once it is stopped")
  func seconds() async throws {
    let loop = NIOAsyncTestingEventLoop()
    let calls = Mutex(0)
    let part = EverySecondPart("test", on: loop) { calls.withLock { $0 += 1 } }
    let timer = try await part.start()
    await loop.advanceTime(by: .milliseconds(999))
    #expect(calls.withLock { $0 } == 0)
    await loop.advanceTime(by: .milliseconds(1))
    #expect(calls.withLock { $0 } == 1)
    await loop.advanceTime(by: .seconds(3))
    #expect(calls.withLock { $0 } == 4)
    await part.stop(timer)
    await loop.advanceTime(by: .seconds(10))
    #expect(calls.withLock { $0 } == 4)
    await loop.shutdownGracefully()
  }
}
