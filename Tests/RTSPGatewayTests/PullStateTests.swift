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

  /// Judges second after second, with media and pictures up to these, and returns the first end.
  private func end(
    _ state: inout PullState, media: Int64? = nil, pictures: Int64? = nil, hasVideo: Bool = true, within seconds: Int64 = 300
  ) -> (after: Int64, code: FaultCode)? {
    for second in 1...seconds {
      let at = now + .seconds(second)
      let received = PullState.Received(
        established: now, media: media.map { now + .seconds(min($0, second)) }, picture: pictures.map { now + .seconds(min($0, second)) },
        hasVideo: hasVideo)
      if let fault = state.judge(received, silence: .seconds(10), at: at) { return (second, fault.code) }
    }
    return nil
  }

  @Test("pictures that stop while sound goes on end the session after the silence; so does all media, and media that never comes")
  func stopped() throws {
    var state = PullState()
    #expect(try #require(end(&state, media: 300, pictures: 5)) == (16, .picturesStopped))
    #expect(try #require(end(&state, media: 5, pictures: 5)) == (16, .rtspTimeout))
    var new = PullState()
    #expect(try #require(end(&new)) == (11, .rtspTimeout))
    #expect(end(&new, media: 300, pictures: 300) == nil)
  }

  @Test("sound without pictures lives where none were ever shown, or none are described")
  func soundAlone() {
    var state = PullState()
    #expect(end(&state, media: 300) == nil)
    #expect(end(&state, media: 300, hasVideo: false) == nil)
    #expect(state.isWhole(PullState.Received(established: now, media: now, picture: nil, hasVideo: true)))
  }

  @Test("a camera that has shown pictures is asked for them again, less and less often while sound comes, and at once after they came")
  func blind() throws {
    var state = PullState()
    _ = end(&state, media: 300, pictures: 5)
    #expect(!state.isWhole(PullState.Received(established: now, media: now, picture: nil, hasVideo: true)))
    var waits: [Int64] = []
    for _ in 0..<6 { waits.append(try #require(end(&state, media: 300)).after) }
    #expect(waits == [11, 21, 41, 81, 161, 161])
    _ = end(&state, media: 300, pictures: 5)
    #expect(try #require(end(&state, media: 300)) == (11, .picturesStopped))
  }
}
