internal import Glibc
internal import Model

/// Looks which spool files a killed process left, by their headers alone: this stands before the first publisher is let in, so it must be quick.
struct SpoolFinder {
  struct Run {
    var header: SpoolHeader
    var paths: [String]
  }

  private(set) var runs: [Run] = []
  /// The highest number in a file's name.
  private(set) var serial: UInt64 = 0
  /// Files that are no spool of ours.
  private(set) var strange: [String] = []

  init(folder: String) throws(Fault) {
    for name in try Disk.entries(folder) {
      guard let number = SpoolPool.serial(of: name) else { continue }
      serial = max(serial, number)
      let path = folder + "/" + name
      guard let head = SpoolFinder.head(path) else {
        strange.append(path)
        continue
      }
      if let header = head.withUnsafeBytes({ SpoolHeader($0) }) {
        add(header, path)
      } else if head.prefix(8).allSatisfy({ $0 == 0 }) {
        unlink(path)
      } else {
        strange.append(path)
      }
    }
    runs.sort { $0.header.reading.kernel < $1.header.reading.kernel }
  }

  private mutating func add(_ header: SpoolHeader, _ path: String) {
    if let at = runs.firstIndex(where: { $0.header.run == header.run && $0.header.id == header.id }) {
      runs[at].paths.append(path)
      if header.index < runs[at].header.index { runs[at].header = header }
    } else {
      runs.append(Run(header: header, paths: [path]))
    }
  }

  private static func head(_ path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: SpoolLayout.headerBytes)
    return read(file, &bytes, bytes.count) == bytes.count ? bytes : nil
  }
}
