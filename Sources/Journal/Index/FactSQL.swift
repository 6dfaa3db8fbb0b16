internal import GRDB

/// A ``FactQuery`` as SQL; its values are bound, never written into the text.
struct FactSQL: Sendable {
  /// The lines of one page.
  let page: String
  /// The number of facts.
  let count: String
  /// Of the page.
  let arguments: StatementArguments
  /// Of the count.
  let countArguments: StatementArguments

  init(_ query: FactQuery) {
    var others = Conditions()
    if let stream = query.stream { others.add("stream = ?", [stream]) }
    if let incident = query.incident { others.add("incident = ?", [incident]) }
    if let after = query.after { others.add("seq > ?", [after]) }
    if let before = query.before { others.add("seq < ?", [before]) }
    let order = "ORDER BY seq \(query.newestFirst ? "DESC" : "ASC") LIMIT \(query.pageSize)"
    let marks = query.kinds.map { _ in "?" }.joined(separator: ", ")

    var all = others
    // The plus keeps SQLite from the index of kinds where that of a stream or an incident leads to few facts already.
    let isNarrow = query.stream != nil || query.incident != nil
    if !query.kinds.isEmpty { all.add("\(isNarrow ? "+" : "")kind IN (\(marks))", query.kinds) }
    count = "SELECT COUNT(*) FROM facts\(all.text)"
    countArguments = all.arguments

    guard query.kinds.count > 1, !isNarrow else {
      page = "SELECT json FROM facts\(all.text) \(order)"
      arguments = all.arguments
      return
    }
    // Of each kind the first of a page, by the index alone, and of those the page: with `kind IN` SQLite would sort all that follow for each page.
    var merged = StatementArguments()
    let arms = query.kinds.map { kind in
      var one = others
      one.add("kind = ?", [kind])
      merged += one.arguments
      return "SELECT seq FROM (SELECT seq FROM facts\(one.text) \(order))"
    }
    page = "SELECT json FROM facts WHERE seq IN (\(arms.joined(separator: " UNION ALL "))) \(order)"
    arguments = merged
  }

  private struct Conditions {
    private var parts: [String] = []
    private(set) var arguments = StatementArguments()

    mutating func add(_ condition: String, _ values: [any DatabaseValueConvertible]) {
      parts.append(condition)
      arguments += StatementArguments(values)
    }

    var text: String { parts.isEmpty ? "" : " WHERE " + parts.joined(separator: " AND ") }
  }
}
