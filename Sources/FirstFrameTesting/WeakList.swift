internal import Synchronization

/// Remembers objects without keeping them, to see that all of them are let go.
public final class WeakList: Sendable {
  private struct Entry: @unchecked Sendable {  // Only ever compared with nil, and the reference itself is atomic.
    weak var object: AnyObject?
    let name: String
  }

  private let entries = Mutex<[Entry]>([])

  public init() {}

  /// Keeps a weak reference; nil is passed over.
  public func add(_ object: AnyObject?) {
    guard let object else { return }
    let entry = Entry(object: object, name: "\(type(of: object))")
    entries.withLock { $0.append(entry) }
  }

  /// How many objects were added.
  public var count: Int { entries.withLock { $0.count } }
  /// The types of those that still live.
  public var alive: [String] { entries.withLock { $0.filter { $0.object != nil }.map(\.name) } }
}
