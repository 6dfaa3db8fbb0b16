internal import Model

/// What of a killed relay's spool has to be recorded again.
struct SpoolReplay {
  /// Without the units that are in committed segments; with an end, where the relay died before the stream ended.
  let items: [RecordedItem]
  /// Units among ``items``.
  let units: Int
  /// Arrival of the last unit of all, committed or not.
  let lastArrival: BootTime?
  /// The stream had ended before the relay died.
  let hasEnded: Bool

  init(_ contents: SpoolReader.Contents, committed cut: SpoolCut) {
    var items = contents.items.filter { item in if case .unit(let unit) = item { !cut.isCommitted(unit) } else { true } }
    units = items.reduce(0) { count, item in if case .unit = item { count + 1 } else { count } }
    lastArrival = contents.items.reversed().lazy.compactMap { item in if case .unit(let unit) = item { unit.unit.arrival } else { nil } }.first
    hasEnded = contents.items.contains { item in if case .ended = item { true } else { false } }
    if !hasEnded { items.append(.ended(lastArrival ?? contents.header.reading.boot)) }
    self.items = items
  }
}
