import Journal
import Model
import NIOCore
import NIOPosix
import Synchronization

@testable import Cascade

/// A lower node that sends what the test wants it to, over the real link.
final class ScriptedLower: LinkDelegate {
  private struct State {
    var link: LinkChannel?
    var isUp = false
    var beacon: Beacon?
    var receipts: [ReceiptDocument] = []
    var answers: Set<Int64> = []
  }

  let identity: NodeIdentity
  let clock = OwnClock(boot: "boot-county", ahead: 0)
  private let state = Mutex(State())

  init(identity: NodeIdentity? = nil) throws { self.identity = try identity ?? .temporary() }

  func dial(_ port: Int, expecting fingerprint: String) async throws {
    let link = LinkChannel(role: .lower(expected: fingerprint), identity: identity, node: "deqing", clock: clock, delegate: self)
    state.withLock {
      $0.link = link
      $0.isUp = false
    }
    _ = try await ClientBootstrap(group: TwoCentres.group)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(link) }
      }.connect(host: "127.0.0.1", port: port).get()
    _ = try await TwoCentres.eventually { state.withLock { $0.isUp } }
  }

  func send(_ message: LinkMessage) { state.withLock { $0.link }?.send(message) }
  var receipts: [ReceiptDocument] { state.withLock { $0.receipts } }
  var beacon: Beacon? { state.withLock { $0.beacon } }

  /// Everything that the upper node sent before this arrived has come when it returns.
  func settle() async throws {
    let question = clock.bootTime().nanoseconds
    send(.timeRequest(t1: question, beacon: nil))
    _ = try await TwoCentres.eventually { state.withLock { $0.answers.contains(question) } }
  }

  /// Sends each second as a real node does: a link that is silent for ten is dead, and a test may be kept waiting longer.
  func linkOpened(_ link: LinkChannel, peer: LinkHandshake.Party) {
    state.withLock { $0.isUp = true }
    TwoCentres.group.next().scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [weak self, weak link] task in
      guard let self, let link, self.state.withLock({ $0.link === link }) else { return task.cancel() }
      link.send(.timeRequest(t1: 0, beacon: nil))
    }
  }

  func linkReceived(_ message: LinkMessage, arrival: BootTime, on link: LinkChannel) {
    state.withLock { state in
      switch message {
      case .beacon(let beacon): state.beacon = beacon
      case .receipt(let text, _, _): if let receipt = ReceiptDocument(text: text) { state.receipts.append(receipt) }
      case .timeAnswer(let t1, _, _): state.answers.insert(t1)
      default: break
      }
    }
  }

  func linkClosed(_ link: LinkChannel, reason: Fault) {}
}
