import Glibc
import Model
import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

@testable import Hub

@Suite("How late a loop is")
struct LoopLagTests {
  private func readings(_ lag: LoopLag, from position: Int = 0) -> [Int64] {
    var all: [Int64] = []
    lag.readings(from: position) { all.append($0.value / 1_000_000) }
    return all
  }

  @Test("A late reading stands for all that were due meanwhile, however it is come by")
  func late() {
    let lag = LoopLag(of: EmbeddedEventLoop())
    let due = lag.due
    lag.read(at: due - .milliseconds(1))
    #expect(readings(lag).isEmpty)
    lag.read(at: due + .milliseconds(10))
    lag.read(at: due + .milliseconds(49))
    #expect(readings(lag) == [10])
    lag.read(at: due + .milliseconds(220))
    #expect(readings(lag) == [10, 170, 120, 70, 20] && lag.due == due + .milliseconds(250))
    #expect(readings(lag, from: 3) == [70, 20])
    #expect(readings(lag, from: 5).isEmpty && readings(lag, from: 100).isEmpty)
    #expect(lag.position(before: .milliseconds(149)) == 3 && lag.position(before: .seconds(9)) == 0 && lag.position(before: .seconds(-1)) == 5)
  }

  @Test("What is no longer kept is left out, the newest never")
  func long() {
    let lag = LoopLag(of: EmbeddedEventLoop())
    lag.read(at: lag.due + .seconds(60))
    #expect(lag.end == 1201)
    let kept = readings(lag)
    #expect(kept.count == LoopLag.capacity && kept.last == 0 && kept.first == 50 * 255)
  }

  @Test("A loop that stands for 400 ms was late for the instants of it, and goes on being read")
  func standing() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    let watch = ObserverWatch()
    let lag = try await loop.submit { watch.lag(of: loop) }.get()
    #expect(try await loop.submit { watch.lag(of: loop) === lag }.get())
    func end() async throws -> Int { try await loop.submit { lag.end }.get() }
    while try await end() < 2 { try await loop.scheduleTask(in: .milliseconds(10)) {}.futureResult.get() }
    let before = try await loop.submit {
      var pause = timespec(tv_sec: 0, tv_nsec: 400_000_000)
      nanosleep(&pause, nil)
      return lag.end
    }.get()
    while try await end() < before + 10 { try await loop.scheduleTask(in: .milliseconds(10)) {}.futureResult.get() }
    let after = try await loop.submit { readings(lag, from: before) }.get()
    // Due in the first 380 ms of the 400: seven or eight.
    #expect(after.prefix(9).count { $0 > 20 } >= 7, "\(after)")
    try await group.shutdownGracefully()
  }
}
