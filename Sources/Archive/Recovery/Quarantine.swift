internal import Glibc
internal import Logging
internal import Model

/// Files that nobody can explain are moved to `DATA/archive/quarantine`, never deleted.
struct Quarantine {
  private let context: ArchiveContext

  init(_ context: ArchiveContext) { self.context = context }

  var folder: String { context.folder + "/" + ArchiveFiles.quarantine }

  /// Moves a file away and tells; returns where to.
  /// - Parameter silent: it is a file of ours that is about to be replaced: no fact.
  @discardableResult
  func move(_ path: String, _ from: String, silent: Bool = false) throws(Fault) -> String {
    try Disk.makeFolder(folder)
    let name = path.split(separator: "/").last.map(String.init) ?? "file"
    var target = "\(folder)/\(from)-\(name)"
    var copy = 1
    while access(target, F_OK) == 0 {
      target = "\(folder)/\(from)-\(name).\(copy)"
      copy += 1
    }
    guard rename(path, target) == 0 else { throw Disk.fault(errno, path) }
    try Disk.syncFolder(folder)
    if !silent {
      context.logger.warning("archive: unknown file moved to quarantine: \(target)")
      context.facts.record(
        FactKind.archiveQuarantined,
        ["file": .string(from + "/" + name), "to": .string(String(target.dropFirst(context.folder.count + 1)))])
    }
    return target
  }

  func moveIfPresent(_ path: String, _ from: String) throws(Fault) {
    if access(path, F_OK) == 0 { try move(path, from) }
  }
}
