internal import Model
internal import NIOCore

/// How a worker introduces itself.
struct WorkerHello: Equatable {
  static let version: Int64 = 1

  /// What it does: `decode`.
  var work: String
  var pid: Int64

  var frame: WorkerFrame {
    let json: JSON = ["v": .int(WorkerHello.version), "work": .string(work), "pid": .int(pid)]
    return WorkerFrame(.hello, json: json.text, bytes: ByteBuffer())
  }

  init(work: String, pid: Int64) {
    self.work = work
    self.pid = pid
  }

  /// Nil for anything but a hello of our version.
  init?(_ frame: WorkerFrame) {
    guard frame.kind == .hello, let parts = frame.parts, let json = try? JSON(parsing: parts.json.readableBytesView),
      json["v"]?.intValue == WorkerHello.version, let work = json["work"]?.stringValue, let pid = json["pid"]?.intValue
    else { return nil }
    self.init(work: work, pid: pid)
  }
}
