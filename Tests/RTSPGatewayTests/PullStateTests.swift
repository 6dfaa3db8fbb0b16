import FirstFrameTesting
import Model
import Testing

@testable import RTSPGateway

@Suite("How a camera is tried again")
struct PullStateTests {
  private let now = BootTime(nanoseconds: 1_000_000_000)
  private let refused = Fault(.transportUnsupported)

  @Test("TCP goes first, and UDP at once when the camera refuses TCP")
  func transports() {
    var state = PullState()
    var chance = Mutator(seed: 1)
    #expect(state.first == PullState.Attempt(transport: .tcp, after: .zero))
    #expect(state.failed(refused, connected: false, at: now, using: &chance) == PullState.Attempt(transport: .udp, after: .zero))
    let third = state.failed(refused, connected: false, at: now, using: &chance)
    #expect(third.transport == .tcp && third.after >= .milliseconds(750))
  }

  @Test("a camera that plays but sends nothing over TCP is asked for UDP, one that does not answer is not")
  func silence() {
    var state = PullState()
    var chance = Mutator(seed: 2)
    #expect(state.failed(Fault(.rtspTimeout), connected: true, at: now, using: &chance).transport == .udp)
    var other = PullState()
    #expect(other.failed(Fault(.rtspTimeout), connected: false, at: now, using: &chance).transport == .tcp)
  }

  @Test("what worked is tried first, and waits begin anew after ten seconds of media")
  func proven() {
    var state = PullState()
    var chance = Mutator(seed: 3)
    _ = state.failed(refused, connected: false, at: now, using: &chance)
    state.receivedMedia(at: now)
    let again = state.failed(Fault(.pullFailed), connected: true, at: now + .seconds(11), using: &chance)
    #expect(again.transport == .udp && again.after <= .milliseconds(1250))
  }

}
