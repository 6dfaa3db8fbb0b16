internal import Model
internal import NIOConcurrencyHelpers

/// The links of the lower nodes, one a node, and with what each may publish its media.
final class LowerLinks: Sendable {
  private struct State {
    var links: [String: (link: LinkChannel, since: BootTime)] = [:]
    /// By node; kept over a lost link, so that media that flows goes on.
    var secrets: [String: String] = [:]
  }

  private let state = NIOLockedValueBox(State())

  /// A node's link stands.
  /// - Returns: the link that it replaces, and the secret for the node's media.
  func opened(_ link: LinkChannel, of node: String, at now: BootTime) -> (replaced: LinkChannel?, secret: String) {
    let fresh = RandomHex.digits(48)
    return state.withLockedValue { state in
      let replaced = state.links[node]?.link
      state.links[node] = (link, now)
      let secret = state.secrets[node] ?? fresh
      state.secrets[node] = secret
      return (replaced, secret)
    }
  }

  /// False when it was replaced before it closed.
  func closed(_ link: LinkChannel, of node: String) -> Bool {
    state.withLockedValue { state in
      guard state.links[node]?.link === link else { return false }
      state.links[node] = nil
      return true
    }
  }

  subscript(node: String) -> LinkChannel? { state.withLockedValue { $0.links[node]?.link } }

  var all: [LinkChannel] { state.withLockedValue { $0.links.values.map(\.link) } }

  var status: [UpperDesk.Status] {
    state.withLockedValue { state in
      state.links.map { UpperDesk.Status(node: $0.key, remoteAddress: $0.value.link.remoteAddress, since: $0.value.since) }
        .sorted { $0.node < $1.node }
    }
  }

  /// Nil for a node that never had a link in this run.
  func secret(of node: String) -> String? { state.withLockedValue { $0.secrets[node] } }

  /// Takes the same time for every wrong secret.
  func isSecret(_ secret: String, of node: String) -> Bool {
    guard let known = self.secret(of: node), known.utf8.count == secret.utf8.count else { return false }
    return zip(known.utf8, secret.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
