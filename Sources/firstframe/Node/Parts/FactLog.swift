internal import Logging
internal import Model
internal import Synchronization

/// Stands before the journal and tells the log what an operator wants to read there: who came on the air and who left and why, who was refused a name,
/// who was paired. The journal has the same and much more, but is no place to look while something is wrong.
final class FactLog: FactSink {
  private struct Publisher {
    var remote: String
    var key: String?
  }

  private struct State {
    /// By session, while it is on the air.
    var publishers: [String: Publisher] = [:]
    var limit = LineLimit(perSource: 600, inAll: 3000)
    var refusals = LineLimit(perSource: 6, inAll: 300)
  }

  private let facts: any FactSink
  private let clock: any NodeClock
  private let logger: Logger
  private let state = Mutex(State())

  /// - Parameter facts: where everything goes.
  init(_ facts: any FactSink, clock: any NodeClock, logger: Logger) {
    self.facts = facts
    self.clock = clock
    self.logger = logger
  }

  func record(_ kind: String, _ fields: [String: JSON], at: BootTime?) {
    facts.record(kind, fields, at: at)
    tell(kind, fields)
  }

  func commit(_ kind: String, _ fields: [String: JSON], at: BootTime?) async throws -> Fact {
    let fact = try await facts.commit(kind, fields, at: at)
    tell(kind, fields)
    return fact
  }

  private func tell(_ kind: String, _ fields: [String: JSON]) {
    switch kind {
    case FactKind.streamStarted: onAir("publisher on the air", fields)
    case FactKind.streamResumed: onAir("publisher back on the air", fields)
    case FactKind.streamInterrupted: left(fields)
    case FactKind.streamEnded: write("stream ended", fields, ["reason": "cause"], source: fields["stream"])
    case FactKind.readerEnded:
      // Links to other centres are told by their own lines.
      write(
        "reader gone", fields, ["remote": "peer", "key": "key", "bytes": "bytesSent", "framesDropped": "framesDropped"], source: fields["peer"])
    case FactKind.streamRefused:
      write("publisher refused", fields, ["remote": "peer", "key": "key", "reason": "code"], source: fields["peer"], isRefusal: true)
    case FactKind.linkPaired: write("paired", fields, ["county": "county", "fingerprint": "peer"], source: "")
    case FactKind.accessRefused where fields["what"] == "link":
      write("pairing or link refused", fields, ["remote": "peer", "reason": "code", "node": "node"], source: fields["peer"], isRefusal: true)
    default: break
    }
  }

  private func onAir(_ what: Logger.Message, _ fields: [String: JSON]) {
    let publisher = Publisher(remote: fields["peer"]?.stringValue ?? "?", key: fields["key"]?.stringValue)
    if let session = fields["session"]?.stringValue { state.withLock { $0.publishers[session] = publisher } }
    write(what, fields, ["remote": "peer", "protocol": "protocol", "key": "key", "session": "session"], source: fields["peer"])
  }

  private func left(_ fields: [String: JSON]) {
    let publisher = fields["session"]?.stringValue.flatMap { session in state.withLock { $0.publishers.removeValue(forKey: session) } }
    var fields = fields
    fields["peer"] = publisher.map { .string($0.remote) }
    fields["key"] = publisher?.key.map { .string($0) }
    write(
      "publisher gone", fields, ["remote": "peer", "key": "key", "session": "session", "reason": "cause", "detail": "detail"],
      source: fields["peer"])
  }

  /// - Parameters:
  ///   - members: the line's names, and the fact's.
  ///   - source: who causes the line: an address, or another text by which it is counted.
  private func write(
    _ what: Logger.Message, _ fields: [String: JSON], _ members: [String: String], source: JSON?, isRefusal: Bool = false
  ) {
    let host = FactLog.host(source?.stringValue ?? "")
    let leftOut = state.withLock { state in
      isRefusal ? state.refusals.admit(host, at: clock.bootTime()) : state.limit.admit(host, at: clock.bootTime())
    }
    guard let leftOut else { return }
    var metadata: Logger.Metadata = leftOut > 0 ? ["leftOut": "\(leftOut)"] : [:]
    if let stream = fields["stream"]?.stringValue ?? fields["name"]?.stringValue { metadata["stream"] = "\(stream.forLog)" }
    for (name, member) in members {
      guard let value = fields[member], value != .null else { continue }
      metadata[name] = "\((value.stringValue ?? value.text).forLog)"
    }
    if let code = metadata["reason"].flatMap({ FaultCode(rawValue: "\($0)") }) { metadata["reason"] = "\(code.rawValue) \(code.happened.zh)" }
    logger.info(what, metadata: metadata)
  }

  /// An address without its port: `10.0.0.9`, `[2001:db8::1]`.
  private static func host(_ address: String) -> String {
    guard let colon = address.lastIndex(of: ":"), address.last != "]" else { return address }
    return String(address[..<colon])
  }
}
