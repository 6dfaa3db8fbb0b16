internal import Logging
internal import Model
internal import Wire

/// What one peer's RTSP needed to be understood: told once of each kind as it shows itself, and in numbers when the connection ends.
struct RepairLog {
  private let logger: Logger
  private let remoteAddress: String
  private var counts: [String: Int] = [:]

  init(_ logger: Logger, remoteAddress: String) {
    self.logger = logger
    self.remoteAddress = remoteAddress
  }

  mutating func note(_ repairs: RTSPRepairs) {
    guard !repairs.isEmpty else { return }
    for (_, name) in repairs.named {
      counts[name, default: 0] &+= 1
      guard counts[name] == 1 else { continue }
      logger.info(
        "对端的 RTSP 不规范,已容忍 | the peer's RTSP is not by the rules; it is read all the same",
        metadata: ["remote": "\(remoteAddress)", "kind": "\(name)"])
    }
  }

  /// The connection is over.
  func finish() {
    guard counts.values.contains(where: { $0 > 1 }) else { return }
    let told = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    logger.info("RTSP 容忍次数 | how often the peer's RTSP was not by the rules", metadata: ["remote": "\(remoteAddress)", "counts": "\(told)"])
  }
}
