internal import Glibc
public import Model

/// Segments as files below one folder, `DATA/archive`: the store that a node uses.
public struct DiskSegmentStore: SegmentStore {
  private let folder: String
  private let disk: any ArchiveDisk

  /// - Parameter folder: is made with the first segment.
  public init(folder: String) { self.init(folder: folder, disk: KernelArchiveDisk()) }

  init(folder: String, disk: any ArchiveDisk) {
    self.folder = folder
    self.disk = disk
  }

  /// Nil for a path that leads elsewhere: some come from an index that someone else may have written.
  private func locate(_ path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." || $0.utf8.contains(0) }) else { return nil }
    return folder + "/" + path
  }

  private func require(_ path: String) throws(Fault) -> String {
    guard let found = locate(path) else { throw Fault(.archiveBroken, "not a path in the archive: \(path)") }
    return found
  }

  // MARK: Writing

  /// Opens `NAME.part`, in a folder that is made with the stream's first segment.
  public func open(_ name: SegmentName) throws(Fault) -> any SegmentFile {
    let (part, final) = (try require(name.openPath), try require(name.path))
    try Disk.makeFolder(Disk.parent(of: final))
    return try DiskSegmentFile(part: part, final: final, disk: disk)
  }

  /// fsync of the stream's folder.
  public func syncNames(of stream: String) throws(Fault) { try disk.syncFolder(try require(stream)) }

  /// Removes a file; the folder is not fsynced, so a power cut may bring it back.
  public func remove(_ path: String) throws(Fault) {
    let path = try require(path)
    guard unlink(path) == 0 || errno == ENOENT else { throw Disk.fault(errno, path) }
  }

  /// Moves a file to `quarantine/FOLDER-NAME`, with a number behind it when that is there already.
  public func quarantine(_ path: String) throws(Fault) -> String {
    // A prefix says that it lay in the archive's own folder.
    let name = path.contains("/") ? String(path.map { $0 == "/" ? "-" : $0 }) : "archive-" + path
    let moved = try QuarantineFolder(archive: folder).move(try require(path), as: name)
    return ArchiveFiles.quarantine + "/" + moved
  }

  // MARK: Reading

  /// Reads a range in one go; nil where there is no such file.
  public func read(_ path: String, _ range: Range<Int64>) throws(Fault) -> [UInt8]? {
    guard let path = locate(path) else { return nil }
    let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw Disk.fault(errno, path)
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw Disk.fault(errno, path) }
    let end = min(range.upperBound, Int64(status.st_size))
    let start = max(0, range.lowerBound)
    guard start < end else { return [] }
    var bytes = [UInt8](repeating: 0, count: Int(end - start))
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress.map { $0 + done }, $0.count - done, Int(start) + done) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Disk.fault(errno, path) }
      // It was cut while it was read.
      if count == 0 { return Array(bytes.prefix(done)) }
      done += count
    }
    return bytes
  }

  /// Size and time of the last write by the file system; nil where there is no such file.
  public func info(_ path: String) throws(Fault) -> StoredFile? {
    guard let place = locate(path) else { return nil }
    var status = stat()
    guard stat(place, &status) == 0 else {
      if errno == ENOENT { return nil }
      throw Disk.fault(errno, place)
    }
    let modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
    return StoredFile(path: path, bytes: Int64(status.st_size), modified: WallTime(nanoseconds: modified))
  }

  /// The names in a folder, sorted.
  public func list(_ folder: String) throws(Fault) -> [String] {
    try Disk.entries(folder.isEmpty ? self.folder : try require(folder))
  }

  /// What is free for us of the file system that the folder lies on, in thousandths; nil before the folder is there.
  public func freePermille() -> Int? { disk.freePermille(folder) }

  /// Of the file system that the folder lies on; nil before the folder is there.
  public func capacity() -> Int64? { Disk.space(folder)?.total }
}
