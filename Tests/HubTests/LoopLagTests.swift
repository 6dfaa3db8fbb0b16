import Glibc
import Model
import NIOCore
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

  @Test("A late call stands for all that were due meanwhile")
  func late() {
    let lag = LoopLag()
    lag.called(late: .milliseconds(1))
    lag.called(late: .milliseconds(49))
    #expect(readings(lag) == [1, 49])
    lag.called(late: .milliseconds(170))
    #expect(readings(lag) == [1, 49, 170, 120, 70, 20])
    #expect(readings(lag, from: 4) == [70, 20])
    lag.called(late: .milliseconds(-3))
    lag.called(late: .milliseconds(50))
    #expect(readings(lag, from: 6) == [0, 50, 0] && lag.end == 9)
    #expect(readings(lag, from: 9).isEmpty && readings(lag, from: 100).isEmpty)
  }

  @Test("What is no longer kept is left out, the newest never")
  func long() {
    let lag = LoopLag()
    lag.called(late: .seconds(60))
    #expect(lag.end == 1201)
    let kept = readings(lag)
    #expect(kept.count == LoopLag.capacity && kept.last == 0 && kept.first == 50 * 255)
  }

  @Test("A loop that stands for 400 ms was late for the instants of it, and goes on being read")
  func standing() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    let watch = ObserverWatch()
    let lag = watch.lag(of: loop)
    #expect(watch.lag(of: loop) === lag)
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
