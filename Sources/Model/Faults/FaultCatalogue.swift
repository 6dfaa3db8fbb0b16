/// The texts and statuses of every ``FaultCode``: the one place where log, API, page and command line get them. A file a topic.
enum FaultCatalogue {
  /// Every entry, in the order of ``FaultCode``. A test holds that each code has exactly one.
  static let entries = access + streams + protocols + machine + disk + workers + tiers + incidents

  private static let byCode = Dictionary(entries.map { ($0.code, $0) }) { first, _ in first }

  static func entry(_ code: FaultCode) -> FaultEntry {
    byCode[code] ?? FaultEntry(code, .relay, happened: ("未知故障", "unknown failure"), toDo: ("请附日志上报", "Report it with the log"))
  }
}
