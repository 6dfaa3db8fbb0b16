internal import Model

/// When a publisher is asked for a key frame because somebody waits for a place to begin: the cache had none for a reader that joined, as it is when the last key
/// frame was too long ago to be kept.
struct StartWish {
  /// Most senders send one by themselves before that.
  static let patience = Nanoseconds.seconds(1)
  /// Between two requests: some senders do not follow them, and each one that is followed costs the link a key frame.
  static let interval = Nanoseconds.seconds(5)

  private var since: BootTime?
  private var asked: BootTime?

  /// A reader joined, and nothing that it could begin with is there.
  mutating func waits(at now: BootTime) { if since == nil { since = now } }

  /// A place to begin has come.
  mutating func begins() { since = nil }

  /// Whether the publisher is to be asked now.
  mutating func isDue(at now: BootTime) -> Bool {
    guard let since, now - since >= StartWish.patience, asked.map({ now - $0 >= StartWish.interval }) ?? true else { return false }
    asked = now
    return true
  }
}
