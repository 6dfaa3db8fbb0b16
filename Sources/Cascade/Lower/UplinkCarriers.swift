internal import Model
internal import NIOConcurrencyHelpers

/// The media of one uplink: which streams go up, each on a carrier of its own beside the control link.
final class UplinkCarriers: Sendable {
  /// With what the upper node lets this one publish.
  struct Credentials: Sendable, Hashable {
    var user: String
    var secret: String
  }

  private struct State {
    var credentials: Credentials?
    var wanted: Set<StreamName> = []
    var running: [StreamName: any UplinkMedia] = [:]
    var isStopped = false
  }

  private let settings: UplinkSettings
  private let node: String
  private let startMedia: UplinkMediaStarter
  private let keyframes: KeyframeJournal
  private let state = NIOLockedValueBox(State())

  init(_ settings: UplinkSettings, node: String, startMedia: @escaping UplinkMediaStarter, keyframes: KeyframeJournal) {
    self.settings = settings
    self.node = node
    self.startMedia = startMedia
    self.keyframes = keyframes
  }

  /// Streams that are on their way up now.
  var streams: [StreamName] { state.withLockedValue { $0.running.keys.sorted() } }

  /// The upper node's credentials of this run. The same again: only the control link had been lost, and what flows beside it goes on. New ones: the upper
  /// node restarted, and carriers with the old ones would be refused.
  func use(_ credentials: Credentials) {
    let old = state.withLockedValue { state -> [any UplinkMedia] in
      guard state.credentials != credentials else { return [] }
      state.credentials = credentials
      defer { state.running = [:] }
      return Array(state.running.values)
    }
    for carrier in old { carrier.stop() }
    carryWanted()
  }

  /// Carries a stream from now on, if the uplink is to have it.
  func carry(_ stream: StreamName) {
    guard settings.carries(stream) else { return }
    let credentials = state.withLockedValue { state -> Credentials? in
      guard !state.isStopped, state.wanted.insert(stream).inserted || state.running[stream] == nil else { return nil }
      return state.credentials
    }
    guard let credentials else { return }
    let carrier = startMedia(request(stream, credentials))
    let superfluous = state.withLockedValue { state -> (any UplinkMedia)? in
      if state.isStopped || state.running[stream] != nil { return carrier }
      state.running[stream] = carrier
      return nil
    }
    superfluous?.stop()
  }

  /// Carries what was wanted before there were credentials.
  func carryWanted() {
    let missing = state.withLockedValue { state in state.credentials == nil ? [] : state.wanted.filter { state.running[$0] == nil } }
    for stream in missing { carry(stream) }
  }

  func stop() {
    let running = state.withLockedValue { state in
      state.isStopped = true
      defer { state.running = [:] }
      return Array(state.running.values)
    }
    for carrier in running { carrier.stop() }
  }

  private func request(_ stream: StreamName, _ credentials: Credentials) -> UplinkMediaRequest {
    UplinkMediaRequest(
      stream: stream, url: "\(settings.media)/\(node)/\(stream.path)", user: credentials.user, secret: credentials.secret
    ) { [keyframes] unit, firstArrival, now in keyframes.leaves(unit, stream, firstArrival, now) }
  }
}
