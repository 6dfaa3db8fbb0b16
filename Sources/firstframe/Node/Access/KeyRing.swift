internal import Access
internal import Model

/// The keys of this node and the policy that reads them.
struct KeyRing: Sendable {
  let policy: AccessPolicy
  private let store: AccessStore

  /// Reads the keys. Blocks. Throws ``FaultCode/openBindRefused`` for open access beyond loopback that nobody asked for.
  /// - Parameter clock: by whose wall time keys expire.
  init(_ settings: AccessSettings, bind: String, dataFolder: String, clock: any NodeClock = SystemClock()) throws(Fault) {
    store = try AccessStore(dataFolder: dataFolder)
    policy = try AccessPolicy(mode: settings.mode, bind: bind, openAnywhere: settings.openAnywhere, store: store, clock: clock)
  }

  /// As last read.
  var keys: [AccessKey] { store.all }

  /// Reads the keys again, for the command line may have added or revoked some. Blocks. Keys that cannot be read stay as they were.
  func reload() { try? store.reload() }
}
