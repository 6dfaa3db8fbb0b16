import Testing

@testable import Journal

@Suite("What the projection's thread is to do")
struct ProjectionStateTests {
  private static func step(_ state: inout ProjectionState, now: Int64 = 0) -> String {
    switch state.decide(now: now) {
    case .done(.catchUp(let through, let erase)): "catch up to \(through)\(erase ? ", erased" : "")"
    case .done(.stop): "stop"
    case .until(nil): "wait"
    case .until(let time?): "wait until \(time)"
    }
  }

  @Test("It waits for the journal to grow, catches up, and waits again")
  func growth() {
    var state = ProjectionState()
    #expect(Self.step(&state) == "wait")
    state.follow(7)
    state.follow(5)
    #expect(Self.step(&state) == "catch up to 7")
    let ready = state.finished(applied: 7)
    #expect(ready.isEmpty)
    #expect(state.applied == 7)
    #expect(Self.step(&state) == "wait")
  }

  @Test("A refused round is tried again after a second, with the erasure that it was asked for")
  func refusal() {
    var state = ProjectionState()
    state.follow(7)
    state.rebuild()
    #expect(Self.step(&state, now: 10) == "catch up to 7, erased")
    state.failed(erase: true, now: 10)
    #expect(Self.step(&state, now: 11) == "wait until 1000000010")
    #expect(Self.step(&state, now: 1_000_000_010) == "catch up to 7, erased")
    _ = state.finished(applied: 7)
    #expect(Self.step(&state, now: 1_000_000_011) == "wait")
  }

  @Test("Asked for a rebuild in the middle of a round, nothing counts as applied before it is done")
  func rebuild() {
    var state = ProjectionState()
    state.follow(7)
    #expect(Self.step(&state) == "catch up to 7")
    state.rebuild()
    _ = state.finished(applied: 7)
    #expect(state.applied == 0)
    #expect(Self.step(&state) == "catch up to 7, erased")
    _ = state.finished(applied: 7)
    #expect(state.applied == 7)
  }

  @Test("Closing, it still catches up, but does not wait for a disk that refuses")
  func closing() {
    var state = ProjectionState()
    state.follow(7)
    let wasOver = state.close(nil)
    #expect(!wasOver)
    #expect(Self.step(&state) == "catch up to 7")
    state.failed(erase: false, now: 0)
    #expect(Self.step(&state) == "stop")
    _ = state.end()
    let isOver = state.close(nil)
    #expect(isOver)
  }

  @Test("Whoever waits is answered when his sequence is in, and refused when nothing more will come")
  func waiting() async {
    var state = ProjectionState()
    state.follow(9)
    _ = Self.step(&state)
    _ = state.finished(applied: 5)
    let early = await withCheckedContinuation { continuation in
      if let answer = state.wait(for: 5, continuation) { continuation.resume(returning: answer) }
    }
    #expect(early)
    let later = await withCheckedContinuation { continuation in
      let answer = state.wait(for: 8, continuation)
      let tooEarly = state.finished(applied: 7)
      #expect(answer == nil && tooEarly.isEmpty)
      for waiter in state.finished(applied: 8) { waiter.reply.resume(returning: waiter.sequence == 8) }
    }
    #expect(later)
    _ = state.close(nil)
    let never = await withCheckedContinuation { continuation in
      if let answer = state.wait(for: 100, continuation) { continuation.resume(returning: answer) }
    }
    #expect(!never)
  }
}
