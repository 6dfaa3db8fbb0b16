import FirstFrameTesting
import Gateway
import Model
import NIOCore
import NIOEmbedded
import Testing

@Suite("Sweepers")
struct SweepersTests {
  private final class Member: Swept {
    var ticks: [BootTime] = []
    var whenTicked: () -> Void = {}
    func tick(at now: BootTime) {
      ticks.append(now)
      whenTicked()
    }
  }

  private let clock = HandClock()
  private let loop = EmbeddedEventLoop()

  @Test("everybody on a loop is called once a second, by one timer")
  func oneTimer() {
    let sweepers = Sweepers(clock: clock)
    let members = (0..<3).map { _ in Member() }
    for member in members { sweepers.add(member, on: loop) }
    sweepers.add(members[0], on: loop)
    loop.advanceTime(by: .milliseconds(999))
    #expect(clock.readCount == 0)
    for _ in 0..<3 {
      loop.advanceTime(by: .seconds(1))
      clock.advance(.seconds(1))
    }
    // One look at the clock a sweep, whoever is there.
    #expect(clock.readCount == 3)
    #expect(Set(members.map(\.ticks)).count == 1 && members[0].ticks.count == 3)
  }

  @Test("the timer rests while nobody is there, and begins again with the next")
  func rests() {
    let sweepers = Sweepers(clock: clock)
    let (one, two) = (Member(), Member())
    sweepers.add(one, on: loop)
    sweepers.add(two, on: loop)
    sweepers.remove(one, on: loop)
    loop.advanceTime(by: .seconds(1))
    #expect(one.ticks.isEmpty && two.ticks.count == 1)
    sweepers.remove(two, on: loop)
    loop.advanceTime(by: .seconds(10))
    #expect(clock.readCount == 1)
    sweepers.add(one, on: loop)
    loop.advanceTime(by: .seconds(2))
    #expect(one.ticks.count == 2 && clock.readCount == 3)
  }

  @Test("a member may leave in its own call, and is not kept")
  func leaves() {
    let sweepers = Sweepers(clock: clock)
    var member: Member? = Member()
    weak let gone = member
    if let member {
      sweepers.add(member, on: loop)
      member.whenTicked = { [unowned member, loop] in sweepers.remove(member, on: loop) }
    }
    member = nil
    #expect(gone != nil)
    loop.advanceTime(by: .seconds(1))
    #expect(gone == nil)
    loop.advanceTime(by: .seconds(5))
    #expect(clock.readCount == 1)
  }
}
