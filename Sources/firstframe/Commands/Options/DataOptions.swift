internal import ArgumentParser
internal import Model

/// The folder where a node keeps everything it must not lose.
struct DataOptions: ParsableArguments {
  @Option(name: .customLong("data"), help: "数据目录 | the node's data folder")
  var data = "data"
}

extension DataOptions {
  /// The folder, for commands that read what a node has written. Blocks. Throws ``FaultCode/pathWrong`` where no node ever wrote: figures of nothing
  /// would look like figures.
  func written() throws(Fault) -> String {
    try Paths.requireFolder(data)
    guard Paths.isFolder(data + "/journal") else { throw Fault(.pathWrong, "\(data): 不是数据目录,没有 journal | no data folder, it has no journal") }
    return data
  }

  /// The folder, for commands that read what commands like them wrote. Blocks. Throws ``FaultCode/pathWrong`` where there is none.
  func there() throws(Fault) -> String {
    try Paths.requireFolder(data)
    return data
  }

  /// The folder, for commands that may be the first to write into it. Blocks. Throws ``FaultCode/pathWrong`` unless it, or the folder that it is to be
  /// made in, exists: a slip of the pen must not become a second data folder.
  func writable() throws(Fault) -> String {
    var path = data
    while path.utf8.count > 1, path.last == "/" { path.removeLast() }
    try Paths.requireFolder(Paths.isThere(path) ? path : Disk.parent(of: path))
    return path
  }
}
