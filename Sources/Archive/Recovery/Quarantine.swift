internal import Logging
internal import Model

/// Files that nobody can explain are moved to `DATA/archive/quarantine`, never deleted, and a fact says so.
struct Quarantine {
  private let context: ArchiveContext

  init(_ context: ArchiveContext) { self.context = context }

  /// Moves a file of the store away; gives its new path there.
  func move(_ path: String) throws(Fault) -> String {
    let target = try context.store.quarantine(path)
    record(path.contains("/") ? path : "archive/" + path, target)
    return target
  }

  /// The same where there may be nothing.
  func moveIfPresent(_ path: String) throws(Fault) {
    if try context.store.info(path) != nil { _ = try move(path) }
  }

  /// A file of the spool's folder, which is always on this machine's disk.
  func moveSpool(_ path: String) throws(Fault) {
    let name = "spool-" + (path.split(separator: "/").last.map(String.init) ?? "file")
    let moved = try QuarantineFolder(archive: context.folder).move(path, as: name)
    record("spool/" + name.dropFirst(6), ArchiveFiles.quarantine + "/" + moved)
  }

  private func record(_ file: String, _ target: String) {
    context.logger.warning("archive: unknown file moved to quarantine: \(target)")
    context.facts.record(FactKind.archiveQuarantined, ["file": .string(file), "to": .string(target)])
  }
}
