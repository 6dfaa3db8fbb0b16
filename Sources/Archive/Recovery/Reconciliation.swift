internal import Logging
internal import Model

/// Compares folders and index at the start, quietly, beside everything else: unknown files go to quarantine, missing ones are recorded as a fault, streams
/// that only have a cut file are recovered.
struct Reconciliation {
  let context: ArchiveContext
  let index: ArchiveIndex
  /// Runs that the index still knows although their spools are gone.
  let staleCuts: Set<String>

  /// - Parameter open: makes a stream's recording, and so recovers it, if nobody has yet.
  func run(_ open: (StreamName) -> Void) {
    do throws(Fault) { try reconcile(open) } catch {
      context.logger.error("archive: \(error)")
      context.facts.record(FactKind.archiveFault, ["reason": error.json])
    }
  }

  private func reconcile(_ open: (StreamName) -> Void) throws(Fault) {
    try index.forgetCuts(staleCuts)
    let streams = try index.streams()
    for name in try context.store.list("") where !ArchiveFiles.own.contains(name) {
      if ArchiveFiles.isID(name), let stream = streams[name] {
        try reconcile(name, stream, open)
      } else {
        _ = try Quarantine(context).move(name)
      }
    }
  }

  private func reconcile(_ id: String, _ stream: StreamName, _ open: (StreamName) -> Void) throws(Fault) {
    let there = try context.store.list(id)
    // Read after the listing: what got its final name before it is in the index by now, or is newer than its end.
    let known = try index.files(id)
    let last = try index.chainEnd(id).sequence
    var hasLeftover = false
    for name in there where !known.contains(name) {
      if let found = ArchiveFiles.sequence(name), found.number > last {
        hasLeftover = true
      } else {
        try Quarantine(context).moveIfPresent(id + "/" + name)
      }
    }
    let missing = known.subtracting(there)
    if !missing.isEmpty { recordMissing(missing.map { id + "/" + $0 }.sorted(), stream) }
    if hasLeftover { open(stream) }
  }

  private func recordMissing(_ files: [String], _ stream: StreamName) {
    let fault = Fault(.segmentMissing, "\(stream): \(files.count)")
    context.logger.error("archive: \(fault)")
    context.facts.record(
      FactKind.archiveFault,
      [
        "stream": .string(stream.path), "reason": fault.json, "missing": .int(Int64(files.count)),
        "files": .array(files.prefix(20).map { .string($0) }),
      ])
  }
}
