import Access
import FirstFrameTesting
import Gateway
import Model
import Settings
import SettingsFile
import Testing
import Web

@testable import firstframe

@Suite("Who may do what at a node")
struct AccessTests {
  private let temporary: TemporaryFolder
  private let clock = HandClock()
  private let facts = FactList()
  private let stream = StreamName("live/cam1")

  init() throws { temporary = try TemporaryFolder() }

  private var folder: String { temporary.path }

  /// A policy with a device's key and an inspector's.
  private func policy(_ mode: String = "keys") throws -> (policy: LimitedPolicy, device: String, inspector: String) {
    let folder = folder + "/" + mode
    let store = try AccessStore(dataFolder: folder)
    let device = AccessKey.make(name: "solo01", paths: ["live/**"], publish: true, read: false, role: .field, now: WallTime(nanoseconds: 0))
    let inspector = AccessKey.make(name: "ann", paths: [], publish: false, read: false, role: .inspector, now: WallTime(nanoseconds: 0))
    try store.add(device.key)
    try store.add(inspector.key)
    let settings = try ConfigReader.read(ConfigNode(yaml: "mode: \(mode)"), AccessSettings.init)
    let keys = try KeyRing(settings, bind: "127.0.0.1", dataFolder: folder)
    return (LimitedPolicy(keys.policy, clock: clock), device.secret, inspector.secret)
  }

  private func request(
    _ action: AccessRequest.Action = .publish, _ credentials: AccessCredentials, stream: String = "live/cam1", host: String = "10.0.0.9",
    canChallenge: Bool = false
  ) throws -> AccessRequest {
    AccessRequest(
      action: action, stream: try #require(StreamName(stream)), credentials: credentials, remoteHost: host, remoteAddress: host + ":5000",
      canChallenge: canChallenge)
  }

  private let noNodes = LowerNodeRule(isPaired: { _ in false }, mediaSecret: { _ in nil })

  private func code(_ decision: AccessDecision) -> FaultCode? {
    guard case .refused(let fault) = decision else { return nil }
    return fault.code
  }

  private func grant(_ decision: AccessDecision) -> AccessGrant? {
    guard case .allowed(let grant) = decision else { return nil }
    return grant
  }

  // MARK: Keys

  @Test("open access beyond loopback is refused before anything is opened, unless it is asked for")
  func openBind() throws {
    let open = try ConfigReader.read(ConfigNode(yaml: "mode: open"), AccessSettings.init)
    let fault = #expect(throws: Fault.self) { try KeyRing(open, bind: "0.0.0.0", dataFolder: folder) }
    #expect(fault?.code == .openBindRefused)
    let anywhere = try ConfigReader.read(ConfigNode(yaml: "{mode: open, openAnywhere: true}"), AccessSettings.init)
    #expect(try KeyRing(anywhere, bind: "0.0.0.0", dataFolder: folder).policy.mode == .open)
  }

  @Test("a key that the command line adds counts after the next reading")
  func reload() throws {
    let keys = try KeyRing(ConfigReader.read(ConfigNode(yaml: "mode: keys"), AccessSettings.init), bind: "127.0.0.1", dataFolder: folder)
    let made = AccessKey.make(name: "late", paths: ["live/**"], publish: true, read: true, role: .field, now: WallTime(nanoseconds: 0))
    try AccessStore(dataFolder: folder).add(made.key)
    guard case .refused = keys.policy.decide(.publish, stream: stream, credentials: .token(made.secret)) else {
      Issue.record("known before it was read")
      return
    }
    keys.reload()
    guard case .allowed(let name) = keys.policy.decide(.publish, stream: stream, credentials: .token(made.secret)) else {
      Issue.record("unknown after it was read")
      return
    }
    #expect(name == "late")
  }

  @Test("five wrong keys for a name shut that name out for a minute, and only from that address")
  func limit() throws {
    let (policy, secret, _) = try policy()
    let media = MediaGuard(policy: policy, lowerNodes: noNodes)
    for _ in 0..<5 {
      #expect(try code(media.decide(request(.publish, .userPassword(user: "solo01", password: "no")))) == .credentialsWrong)
    }
    #expect(try code(media.decide(request(.publish, .userPassword(user: "solo01", password: secret)))) == .tooManyAttempts)
    #expect(try grant(media.decide(request(.publish, .userPassword(user: "solo01", password: secret), host: "10.0.0.8")))?.keyName == "solo01")
    clock.advance(.seconds(61))
    #expect(try grant(media.decide(request(.publish, .userPassword(user: "solo01", password: secret)))) == AccessGrant(keyName: "solo01"))
  }

  @Test("the limit is one for media and pages together")
  func sharedLimit() throws {
    let (policy, _, secret) = try policy()
    let web = WebGuard(policy: policy, facts: facts)
    let media = MediaGuard(policy: policy, lowerNodes: noNodes)
    for _ in 0..<5 { _ = try media.decide(request(.read, .userPassword(user: "ann", password: "no"))) }
    guard case .failure(let fault) = web.authorise(.factsRead, bearer: "ann:\(secret)", remote: "10.0.0.9") else {
      Issue.record("not refused")
      return
    }
    #expect(fault.code == .tooManyAttempts)
  }

  // MARK: Media

  @Test("a key publishes on its paths and may not read, and whoever gives none is asked for one")
  func mediaKeys() throws {
    let (policy, secret, _) = try policy()
    let media = MediaGuard(policy: policy, lowerNodes: noNodes)
    #expect(try grant(media.decide(request(.publish, .token(secret)))) == AccessGrant(keyName: "solo01", isNode: false))
    #expect(try code(media.decide(request(.read, .token(secret)))) == .accessDenied)
    #expect(try code(media.decide(request(.publish, .token(secret), stream: "other/cam1"))) == .accessDenied)
    #expect(try code(media.decide(request(.publish, .none))) == .credentialsMissing)
    #expect(facts.kinds.isEmpty, "the gateways' environment records refusals of media")
  }

  @Test("without keys everybody may, and unit ids are believed of loopback alone, over a protocol that can ask who is there")
  func openMode() throws {
    let (policy, _, _) = try policy("open")
    let media = MediaGuard(policy: policy, lowerNodes: noNodes)
    #expect(try grant(media.decide(request(.publish, .none, host: "127.0.0.1", canChallenge: true)))?.isNode == true)
    #expect(try grant(media.decide(request(.publish, .none, host: "127.0.0.1")))?.isNode == false)
    #expect(try grant(media.decide(request(.publish, .none, host: "10.0.0.9", canChallenge: true)))?.isNode == false)
  }

  @Test(
    "a lower node's streams are published by that node alone, with its link's secret",
    arguments: [
      (.userPassword(user: "deqing", password: "s3cret"), true, nil), (.userPassword(user: "deqing", password: "other"), true, .credentialsWrong),
      (.userPassword(user: "else", password: "s3cret"), true, .credentialsWrong), (.none, true, .credentialsMissing),
      (.token("s3cret"), true, .credentialsWrong), (.none, false, .accessDenied), (.token("s3cret"), false, .accessDenied),
    ] as [(AccessCredentials, Bool, FaultCode?)])
  func lowerNode(credentials: AccessCredentials, canChallenge: Bool, expected: FaultCode?) throws {
    for mode in ["open", "keys"] {
      let rule = LowerNodeRule(isPaired: { $0 == "deqing" }, mediaSecret: { _ in "s3cret" })
      let media = MediaGuard(policy: try policy(mode).policy, lowerNodes: rule)
      let decision = try media.decide(request(.publish, credentials, stream: "deqing/live/cam1", host: "127.0.0.1", canChallenge: canChallenge))
      #expect(code(decision) == expected)
      if expected == nil { #expect(grant(decision) == AccessGrant(keyName: nil, isNode: true)) }
    }
  }

  @Test("a lower node that is not linked has no secret yet, and nobody publishes for it")
  func unlinked() throws {
    let rule = LowerNodeRule(isPaired: { $0 == "deqing" }, mediaSecret: { _ in nil })
    let publish = try request(.publish, .userPassword(user: "deqing", password: ""), stream: "deqing/live/cam1", canChallenge: true)
    #expect(rule.decide(publish).flatMap { code($0) } == .credentialsWrong)
  }

  @Test("the rule says nothing of reading, and nothing of streams that are no lower node's")
  func noRule() throws {
    let rule = LowerNodeRule(isPaired: { $0 == "deqing" }, mediaSecret: { _ in "s3cret" })
    #expect(rule.decide(try request(.read, .none, stream: "deqing/live/cam1")) == nil)
    #expect(rule.decide(try request(.publish, .none, stream: "live/deqing")) == nil)
  }

  // MARK: Web

  @Test("each permission of the API asks for the action of its name, and what is open asks for nothing", arguments: WebPermission.allCases)
  func permissions(permission: WebPermission) throws {
    let (policy, field, _) = try policy()
    let web = WebGuard(policy: policy, facts: facts)
    guard permission != .none else {
      #expect((try? web.authorise(permission, bearer: nil, remote: "10.0.0.9").get()) != nil)
      return
    }
    let action = try #require(AccessAction(rawValue: permission.rawValue))
    #expect((try? web.authorise(permission, bearer: field, remote: "10.0.0.9").get()) == nil, "a device's key does not open \(action)")
    #expect(facts.kinds == [FactKind.accessRefused])
    #expect(
      facts.fields(FactKind.accessRefused) == [
        "what": "http", "action": .string(action.rawValue), "name": .null, "peer": "10.0.0.9", "code": "accessDenied",
      ])
  }

  @Test("a page that asks without a key is asked for one, and that is no refusal in the journal")
  func noKey() throws {
    let web = WebGuard(policy: try policy().policy, facts: facts)
    guard case .failure(let fault) = web.authorise(.streamsRead, bearer: nil, remote: "10.0.0.9") else {
      Issue.record("not refused")
      return
    }
    #expect(fault.code == .credentialsMissing)
    #expect(facts.kinds.isEmpty)
  }

  @Test("an inspector's key reads facts and manages nothing")
  func inspector() throws {
    let (policy, _, secret) = try policy()
    let web = WebGuard(policy: policy, facts: facts)
    #expect((try? web.authorise(.factsRead, bearer: secret, remote: "10.0.0.9").get()) != nil)
    #expect((try? web.authorise(.streamsManage, bearer: secret, remote: "10.0.0.9").get()) == nil)
  }
}
