import Access
import FirstFrameTesting
import Gateway
import Model
import Testing

/// Refuses with one fault.
private struct Refusing: GatewayAuthority {
  let code: FaultCode
  func decide(_ request: AccessRequest) -> AccessDecision { .refused(Fault(code, "by the test")) }
}

@Suite("Access to a gateway", .timeLimit(.minutes(1)))
struct AccessTests {
  private func request(_ action: AccessRequest.Action, canChallenge: Bool = false) -> AccessRequest {
    AccessRequest(
      action: action, stream: Bench.name, credentials: .none, remoteHost: "10.0.0.9", remoteAddress: "10.0.0.9:4711",
      canChallenge: canChallenge)
  }

  @Test("a refusal becomes exactly one fact, with who, what and why", arguments: [AccessRequest.Action.publish, .read])
  func refused(action: AccessRequest.Action) async throws {
    try await Bench.with {
      $0.authority = Refusing(code: .accessDenied)
    } _: { bench in
      guard case .refused(let fault) = bench.environment.decide(request(action)) else {
        Issue.record("was allowed")
        return
      }
      #expect(fault.code == .accessDenied)
      #expect(
        bench.facts.all(FactKind.accessRefused) == [
          [
            "what": .string(action.rawValue), "action": .string(action.rawValue), "name": "live/cam1", "peer": "10.0.0.9:4711",
            "code": "accessDenied",
          ]
        ])
    }
  }

  @Test("missing credentials are a refusal only where the protocol cannot ask for them")
  func challenge() async throws {
    try await Bench.with {
      $0.authority = Refusing(code: .credentialsMissing)
    } _: { bench in
      _ = bench.environment.decide(request(.read, canChallenge: true))
      #expect(bench.facts.kinds.isEmpty)
      _ = bench.environment.decide(request(.read))
      #expect(bench.facts.kinds == [FactKind.accessRefused])
    }
  }

  @Test("wrong credentials are a refusal also where the protocol asks again")
  func wrong() async throws {
    try await Bench.with {
      $0.authority = Refusing(code: .credentialsWrong)
    } _: { bench in
      _ = bench.environment.decide(request(.publish, canChallenge: true))
      #expect(bench.facts.all(FactKind.accessRefused).map { $0["code"] } == ["credentialsWrong"])
    }
  }

  @Test("in open mode nobody is refused, and only a node's word is believed", arguments: [true, false])
  func open(trustsNodes: Bool) async throws {
    try await Bench.with {
      $0.authority = OpenAuthority(trustsNodes: trustsNodes)
    } _: { bench in
      guard case .allowed(let grant) = bench.environment.decide(request(.publish)) else {
        Issue.record("was refused")
        return
      }
      #expect(grant == AccessGrant(isNode: trustsNodes))
      #expect(bench.facts.kinds.isEmpty)
    }
  }
}
