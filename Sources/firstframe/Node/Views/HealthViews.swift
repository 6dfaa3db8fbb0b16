internal import Archive
internal import Journal
internal import Model
internal import Web

#if canImport(Glibc)
  internal import Glibc
#endif

/// Whether this node can do all of its work.
struct HealthViews: HealthSource {
  let dataFolder: String
  let journal: Journal
  /// Nil where recording is off.
  let archive: Archive?
  /// Below this share of free space, in thousandths, the disk is as good as full.
  let reservePermille: Int

  func health() async -> NodeHealth {
    let disk = try? await blocking { [dataFolder] in DiskSpace(of: dataFolder) }
    var problems: [NodeHealth.Problem] = []
    if let disk, disk.permille < reservePermille {
      problems.append(NodeHealth.Problem(.disk, Fault(.diskFull, "free: \(disk.permille) ‰")))
    }
    if let fault = archive?.trouble { problems.append(NodeHealth.Problem(.recording, fault)) }
    if let fault = journal.trouble { problems.append(NodeHealth.Problem(.journal, fault)) }
    return NodeHealth(problems: problems, disk: disk.map { ($0.free, $0.size) })
  }
}

/// How much room a folder's disk has for this process.
struct DiskSpace: Sendable {
  /// In bytes.
  let free: Int64
  /// In bytes.
  let size: Int64

  /// Blocks. Nil when the disk does not say.
  init?(of folder: String) {
    var state = statvfs()
    guard statvfs(folder, &state) == 0, state.f_blocks > 0 else { return nil }
    free = Int64(clamping: UInt64(state.f_bavail).multipliedReportingOverflow(by: UInt64(state.f_frsize)).partialValue)
    size = Int64(clamping: UInt64(state.f_blocks).multipliedReportingOverflow(by: UInt64(state.f_frsize)).partialValue)
  }

  /// The free share, in thousandths, cut.
  var permille: Int { size > 0 ? Int((Double(free) / Double(size) * 1000).rounded(.down)) : 0 }
}
