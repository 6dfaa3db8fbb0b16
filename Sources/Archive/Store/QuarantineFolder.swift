internal import Glibc
internal import Model

/// `DATA/archive/quarantine` on the disk: what lies there is never overwritten and never deleted by us.
struct QuarantineFolder {
  private let folder: String

  /// - Parameter archive: the folder `DATA/archive`.
  init(archive: String) { folder = archive + "/" + ArchiveFiles.quarantine }

  /// Moves a file in; gives its name there, which has a number behind it when the name was used before.
  func move(_ path: String, as name: String) throws(Fault) -> String {
    try Disk.makeFolder(folder)
    var target = name
    var copy = 1
    while access(folder + "/" + target, F_OK) == 0 {
      target = "\(name).\(copy)"
      copy += 1
    }
    guard rename(path, folder + "/" + target) == 0 else { throw Disk.fault(errno, path) }
    try Disk.syncFolder(folder)
    return target
  }
}
