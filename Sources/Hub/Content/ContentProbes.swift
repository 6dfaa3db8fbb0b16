public import Model
internal import NIOConcurrencyHelpers
public import NIOCore

/// Puts a probe of picture and sound on every stream that is admitted (measurement.md §2): black, dark, frozen, silent.
public final class ContentProbes: HubWatcher {
  private let hub: Hub
  private let decoder: any ContentDecoder
  private let loops: any EventLoopGroup
  private let budget: ContentBudget
  private let probes = NIOLockedValueBox<[StreamName: ContentProbe]>([:])

  /// - Parameter loops: those that streams live on.
  public init(hub: Hub, decoder: any ContentDecoder, loops: any EventLoopGroup, settings: ContentSettings = ContentSettings()) {
    self.hub = hub
    self.decoder = decoder
    self.loops = loops
    budget = ContentBudget(settings)
  }

  /// From the hub: puts a probe on the stream.
  public func streamAdmitted(_ description: StreamDescription) {
    let name = description.name
    let probe: ContentProbe? = probes.withLockedValue { probes in
      guard probes[name] == nil else { return nil }
      let probe = ContentProbe(loop: currentLoop, decoder: decoder, budget: budget) { [weak self] in
        self?.probes.withLockedValue { $0[name] = nil }
      }
      probes[name] = probe
      return probe
    }
    guard let probe else { return }
    hub.subscribe(probe, to: name, form: .units).whenSuccess { probe.hold($0) }
  }

  /// Called on the stream's own loop; a probe on another one would cost a hand-over a batch.
  private var currentLoop: any EventLoop {
    var all = loops.makeIterator()
    while let loop = all.next() { if loop.inEventLoop { return loop } }
    return loops.next()
  }
}
