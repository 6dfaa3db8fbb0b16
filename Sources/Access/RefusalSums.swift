public import Model

/// What strangers are refused, counted by source and minute, so that whoever knocks a thousand times a second makes a few facts a minute: the first
/// refusal of a subject is a fact at once, the further ones of the minute after it are one fact with their count. Bounded in memory and in facts.
public struct RefusalSums: Sendable {
  /// A fact that is due, and when it happened.
  public struct Due: Sendable {
    public var kind: String
    public var fields: [String: JSON]
    public var at: BootTime
  }

  /// The kinds that are counted.
  public static let kinds: Set<String> = [FactKind.accessRefused, FactKind.streamRefused]
  /// Facts before which every count is written and begins anew: a refusal after a call must be there for the reason why the call found no picture.
  public static let fresh: Set<String> = [FactKind.incidentOpened, FactKind.incidentCalledOut, FactKind.connectionRequested]
  /// How long is counted from the first refusal on.
  public static let window = Nanoseconds.seconds(60)
  /// Subjects of all sources that are counted one by one.
  public static let mostSubjects = 256
  /// Subjects of one source.
  public static let mostSubjectsOfSource = 16

  /// What is counted as one: a source, at a door, with a code, for a stream; less where there are too many.
  private struct Subject: Hashable {
    var kind: String
    /// `*` for all sources beyond the table.
    var source: String
    /// Nil for what is beyond a source's share.
    var detail: [JSON]?
  }

  private struct Count {
    let since: BootTime
    var fields: [String: JSON]
    var further: (count: Int64, first: BootTime, last: BootTime)?
  }

  private var counts: [Subject: Count] = [:]
  private var subjectsOfSource: [String: Int] = [:]

  public init() {}

  /// Subjects that are counted now.
  public var subjects: Int { counts.count }

  /// Takes one refusal. Returns what is to be written for it: the sum of an earlier minute, the refusal itself when it is the first, or nothing.
  public mutating func refused(_ kind: String, _ fields: [String: JSON], at now: BootTime) -> [Due] {
    let subject = subject(kind, fields)
    var due: [Due] = []
    if var count = counts[subject] {
      guard now - count.since >= RefusalSums.window else {
        count.fields = fields
        count.further = (
          (count.further?.count ?? 0) &+ 1, count.further?.first ?? now, max(count.further?.last ?? now, now)
        )
        counts[subject] = count
        return []
      }
      due += close(subject)
    }
    add(subject, Count(since: now, fields: fields, further: nil))
    due.append(Due(kind: kind, fields: fields, at: now))
    return due
  }

  /// The sums of minutes that are over; their subjects begin anew. To be called about once a second.
  public mutating func ended(at now: BootTime) -> [Due] {
    let over = counts.filter { now - $0.value.since >= RefusalSums.window }.map(\.key)
    return over.flatMap { close($0) }
  }

  /// All sums as they stand.
  public mutating func drain() -> [Due] { Array(counts.keys).flatMap { close($0) } }

  private func subject(_ kind: String, _ fields: [String: JSON]) -> Subject {
    let source = SourceAddress(fields["peer"]?.stringValue ?? "").description
    let detail = ["what", "action", "name", "stream", "key", "code"].map { fields[$0] ?? .null }
    let exact = Subject(kind: kind, source: source, detail: detail)
    if counts[exact] != nil { return exact }
    let isFull = counts.count >= RefusalSums.mostSubjects
    if !isFull, subjectsOfSource[source, default: 0] < RefusalSums.mostSubjectsOfSource { return exact }
    let rest = Subject(kind: kind, source: source, detail: nil)
    // One more a source, and one more a kind: still bounded, for a source that has none of the table gets no entry of its own.
    return counts[rest] != nil || (!isFull && subjectsOfSource[source] != nil) ? rest : Subject(kind: kind, source: "*", detail: nil)
  }

  private mutating func add(_ subject: Subject, _ count: Count) {
    counts[subject] = count
    if subject.detail != nil { subjectsOfSource[subject.source, default: 0] += 1 }
  }

  private mutating func close(_ subject: Subject) -> [Due] {
    guard let count = counts.removeValue(forKey: subject) else { return [] }
    if subject.detail != nil {
      let rest = subjectsOfSource[subject.source, default: 1] - 1
      subjectsOfSource[subject.source] = rest > 0 ? rest : nil
    }
    guard let further = count.further else { return [] }
    var fields = count.fields
    fields["peer"] = .string(subject.source)
    if subject.detail == nil {
      if fields["name"] != nil { fields["name"] = .null }
      if fields["stream"] != nil { fields["stream"] = "*" }
      fields["claimed"] = nil
    }
    let sum = RefusalCount(count: further.count, first: further.first, last: further.last)
    return [Due(kind: subject.kind, fields: sum.added(to: fields), at: further.last)]
  }
}
