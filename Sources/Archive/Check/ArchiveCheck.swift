internal import Journal

/// Reads a data folder's archive and says whether it is what it was when it was recorded. Reads only; needs no running relay. Blocks.
public enum ArchiveCheck {
  /// Reads every segment once. Throws nothing: what keeps it from reading is a problem in the report.
  /// - Parameter progress: called after each segment: how many of how many were read.
  public static func check(dataFolder: String, progress: (Int, Int) -> Void = { _, _ in }) -> ArchiveReport {
    let folder = ArchiveFiles.folder(dataFolder)
    var checker = ArchiveChecker(folder: folder, store: DiskSegmentStore(folder: folder), key: NodePublicKey(dataFolder: dataFolder))
    checker.run(progress)
    return checker.report
  }
}
