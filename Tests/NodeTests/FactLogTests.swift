import Access
import FirstFrameTesting
import Gateway
import Logging
import Model
import Synchronization
import Testing
import Web

@testable import firstframe

/// Keeps lines of a log.
private final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  func add(_ line: String) { lines.withLock { $0.append(line) } }

  var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

  private struct Handler: LogHandler {
    let lines: Lines
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let members = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      lines.add((["\(event.message)"] + members).joined(separator: " "))
    }
  }
}

@Suite("What an operator reads in the log")
struct FactLogTests {
  private let facts = FactList()
  private let clock = HandClock()
  private let lines = Lines()
  private var log: FactLog { FactLog(facts, clock: clock, logger: lines.logger) }

  @Test("a publisher's coming and going is one line each, with its address, key and reason, and the facts go on as they are")
  func publisher() throws {
    let log = log
    let stream = try #require(StreamName("live/cam1"))
    log.record(
      StreamStartedFact(
        stream: stream, session: "county-7", mediaProtocol: .rtspTCP, hop: .device, peer: "10.0.0.9:5000", key: "solo01",
        unitOrigin: "county/live/cam1",
        epoch: 7, tracks: []))
    log.record(
      StreamEndedFact(stream: stream, session: "county-7", because: Fault(.publisherGone, "10.0.0.9:5000: reset"), lastMedia: clock.bootTime()))
    log.record(StreamEndedFact(stream: stream, session: "county-7", because: Fault(.publisherGone)))
    #expect(
      lines.all == [
        "publisher on the air key=solo01 protocol=rtsp/tcp remote=10.0.0.9:5000 session=county-7 stream=live/cam1",
        "publisher gone detail=10.0.0.9:5000: reset key=solo01 reason=publisherGone 设备连接中断 remote=10.0.0.9:5000 session=county-7 stream=live/cam1",
        "stream ended reason=publisherGone 设备连接中断 stream=live/cam1",
      ])
    #expect(facts.kinds == [FactKind.streamStarted, FactKind.streamInterrupted, FactKind.streamEnded])
  }

  @Test("pairing is told, and who knocks at it without end gets a few lines a minute")
  func pairing() {
    let log = log
    log.record(LinkPairedFact(county: "deqing", peer: "ab12"))
    for _ in 0..<1000 { log.record(AccessRefusedFact(door: FactText(.link), stream: nil, peer: "10.0.0.9:1", code: FactText(.pairingCodeWrong))) }
    #expect(lines.all.first == "paired county=deqing fingerprint=ab12")
    #expect(lines.all.count == 7)
    #expect(lines.all.last == "pairing or link refused reason=pairingCodeWrong 配对码错误 remote=10.0.0.9:1")
    #expect(facts.kinds.count == 1001)
    clock.advance(.seconds(61))
    log.record(AccessRefusedFact(door: FactText(.link), stream: nil, peer: "10.0.0.9:2", code: FactText(.pairingCodeWrong)))
    #expect(lines.all.last?.contains("leftOut=994") == true)
  }

  @Test("a refusal names door, stream, key and reason once; a lock-out has lines of its own; a name is no way to write lines")
  func refusals() throws {
    let log = RefusalLog(lines.logger)
    let stream = StreamName("live/cam1")
    for _ in 0..<100 {
      log.refused(
        "publish", stream: stream, key: "solo01\nforged", remoteHost: "10.0.0.9", remoteAddress: "10.0.0.9:5000", because: Fault(.credentialsWrong),
        at: clock.bootTime())
    }
    log.refused(
      "publish", stream: stream, key: "solo01", remoteHost: "10.0.0.9", remoteAddress: "10.0.0.9:5001", because: Fault(.tooManyAttempts),
      at: clock.bootTime())
    #expect(lines.all.count == 7)
    #expect(
      lines.all.first
        == "access refused door=publish key=solo01?forged reason=credentialsWrong 用户名或密钥不正确 remote=10.0.0.9:5000 stream=live/cam1")
    #expect(lines.all.last == "locked out door=publish key=solo01 reason=tooManyAttempts 密钥错误次数过多 remote=10.0.0.9:5001 stream=live/cam1")
  }

  @Test("a page that is refused is in the log, one that asks for the first time without a key is not")
  func web() throws {
    let temporary = try TemporaryFolder()
    let policy = try AccessPolicy(mode: .keys, bind: "0.0.0.0", openAnywhere: false, store: AccessStore(dataFolder: temporary.path))
    let web = WebGuard(policy: LimitedPolicy(policy, clock: clock), facts: facts, log: (RefusalLog(lines.logger), clock))
    _ = web.authorise(.streamsRead, bearer: nil, remote: "10.0.0.9")
    #expect(lines.all.isEmpty)
    _ = web.authorise(.streamsRead, bearer: "ann:guess", remote: "10.0.0.9")
    #expect(lines.all == ["access refused door=http streamsRead key=ann reason=credentialsWrong 用户名或密钥不正确 remote=10.0.0.9"])
  }
}
