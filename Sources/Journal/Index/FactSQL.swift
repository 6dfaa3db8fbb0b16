internal import GRDB

/// A ``FactQuery`` as SQL; its values are bound, never written into the text.
struct FactSQL: Sendable {
  /// The lines of one page.
  let page: String
  /// The number of facts.
  let count: String
  let arguments: StatementArguments

  init(_ query: FactQuery) {
    var conditions: [String] = []
    var arguments = StatementArguments()
    func add(_ condition: String, _ values: [any DatabaseValueConvertible]) {
      conditions.append(condition)
      arguments += StatementArguments(values)
    }
    if !query.kinds.isEmpty { add("kind IN (" + query.kinds.map { _ in "?" }.joined(separator: ", ") + ")", query.kinds) }
    if let stream = query.stream { add("stream = ?", [stream]) }
    if let incident = query.incident { add("incident = ?", [incident]) }
    if let after = query.after { add("seq > ?", [after]) }
    if let before = query.before { add("seq < ?", [before]) }
    let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
    page = "SELECT json FROM facts\(filter) ORDER BY seq \(query.newestFirst ? "DESC" : "ASC") LIMIT \(query.pageSize)"
    count = "SELECT COUNT(*) FROM facts\(filter)"
    self.arguments = arguments
  }
}
