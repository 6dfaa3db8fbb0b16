/// Bounds the lines of a log that other people cause: of each source, and in all, so many a minute. What is left out is counted and told with the
/// source's next line. A value without a clock, bounded in memory.
public struct LineLimit: Sendable {
  /// How long is counted.
  public static let window = Nanoseconds.seconds(60)
  static let mostSources = 1024

  private struct Count {
    var since: BootTime
    var written = 0
    var leftOut = 0
  }

  private let perSource: Int
  private let inAll: Int
  private var sources: [String: Count] = [:]
  private var all: Count?

  /// Lines a minute.
  public init(perSource: Int, inAll: Int) {
    self.perSource = perSource
    self.inAll = inAll
  }

  /// Whether a line may be written now.
  /// - Parameter source: who causes it: an address without its port.
  /// - Returns: how many of its lines were left out before this one; nil to leave this one out as well.
  public mutating func admit(_ source: String, at now: BootTime) -> Int? {
    var total = all.flatMap { now - $0.since < LineLimit.window ? $0 : nil } ?? Count(since: now)
    let key = place(source, at: now)
    var count = sources[key] ?? Count(since: now)
    if now - count.since >= LineLimit.window { count = Count(since: now, leftOut: count.leftOut) }
    defer {
      sources[key] = count
      all = total
    }
    guard count.written < perSource, total.written < inAll else {
      count.leftOut &+= 1
      return nil
    }
    let leftOut = count.leftOut
    count.written += 1
    count.leftOut = 0
    total.written += 1
    return leftOut
  }

  /// Sources that are counted now.
  var sourceCount: Int { sources.count }

  /// The key of a source's count: beyond the table all share one.
  private mutating func place(_ source: String, at now: BootTime) -> String {
    guard sources[source] == nil, sources.count >= LineLimit.mostSources else { return source }
    sources = sources.filter { now - $0.value.since < LineLimit.window }
    return sources.count >= LineLimit.mostSources ? "*" : source
  }
}

extension String {
  /// A text of somebody else's as it may stand in a line of the log: 80 characters at most, none of which ends the line or moves the cursor.
  public var forLog: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.prefix(80).map { $0.value < 32 || (0x7F...0x9F).contains($0.value) || [0x2028, 0x2029].contains($0.value) ? "?" : $0 }))
  }
}
