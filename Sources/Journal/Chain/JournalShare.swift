internal import Model

/// How much of the journal's queue a fact may find taken and still be held. What strangers cause fills an eighth, what streams and recordings cause three
/// quarters: the last quarter is the way of incidents, and of whoever waits for the disk.
enum JournalShare: CaseIterable {
  /// Refusals, and readers that come and go.
  case strangers
  /// Streams, recordings, figures.
  case streams
  /// Incidents with their pictures and receipts, attempts, exclusions, the node's own life; every commit.
  case whole

  init(kind: String) {
    switch kind {
    case FactKind.accessRefused, FactKind.streamRefused, FactKind.readerEnded: self = .strangers
    case FactKind.deviceRegistered, FactKind.exclusionApproved, FactKind.keyframeSent, FactKind.profileEmbedded: self = .whole
    default: self = JournalShare.incidents.contains { kind.hasPrefix($0) } ? .whole : .streams
    }
  }

  /// The first words of kinds that an incident, an attempt or the node's own life is told by.
  private static let incidents = ["incident.", "connection.", "picture.", "province.", "receipt.", "node.", "journal.", "clock."]

  /// Of a queue of `limit` bytes.
  func bytes(of limit: Int) -> Int {
    switch self {
    case .strangers: limit / 8
    case .streams: limit / 4 * 3
    case .whole: limit
    }
  }
}
