internal import Access
internal import Command
internal import Model
internal import RTSPGateway

/// The first segments of this node's own streams: no county may be called so, for its streams would be taken for the node's, and the node's for its.
struct LocalNames: Sendable {
  private let configured: Set<String>
  private let keys: @Sendable () -> [AccessKey]

  /// - Parameter keys: asked at each pairing, for the command line adds some while the node runs.
  init(_ settings: NodeSettings, keys: @escaping @Sendable () -> [AccessKey]) {
    // What the program's own examples, devices and simulators publish under.
    let streams = settings.devices.map(\.stream) + settings.pulls.map(\.name)
    configured = Set(streams.compactMap { LocalNames.first($0.path) }).union(["live"])
    self.keys = keys
  }

  func contains(_ name: String) -> Bool {
    configured.contains(name) || keys().contains { $0.paths.contains { LocalNames.first($0) == name } }
  }

  /// Nil where a pattern leaves the first segment open.
  private static func first(_ path: String) -> String? {
    path.split(separator: "/").first.map(String.init).flatMap { $0.contains { "*?[".contains($0) } ? nil : $0 }
  }
}
