import Access
import FirstFrameTesting
import Foundation
import Gateway
import Model
import RTSPGateway
import Testing
import Wire

/// One user who may do everything.
struct OneUser: GatewayAuthority {
  let ha1: String

  init(_ user: String, _ password: String) { ha1 = DigestAuthentication.ha1(user: user, password: password) }

  func decide(_ request: AccessRequest) -> AccessDecision {
    if case .none = request.credentials { return .refused(Fault(.credentialsMissing)) }
    return request.credentials.matches(ha1: ha1) ? .allowed(AccessGrant(keyName: "kit")) : .refused(Fault(.credentialsWrong))
  }
}

@Suite("Who may publish and read", .enabled(if: Program.exists("ffmpeg"), "ffmpeg is not installed"), .serialized)
struct AccessTests {
  @Test("ffmpeg answers the digest, publishing and reading")
  func digest() async throws {
    try await TestGateway.with(authority: OneUser("kit", "s3:cret")) { gateway, shop in
      let clip = try await shop.clip(.plain)
      let source = try await shop.pictures(["-i", clip])
      let url = gateway.url("live/locked", user: "kit:s3%3Acret")
      async let read = shop.pictures(["-rtsp_transport", "tcp", "-i", url])
      let published = try await Program.run(
        ["ffmpeg", "-v", "error", "-re", "-i", clip, "-c", "copy", "-f", "rtsp", "-rtsp_transport", "tcp", url], folder: shop.folder)
      #expect(published.status == 0, "\(published.errors)")
      #expect(try await read == source)
      #expect(gateway.facts.all(FactKind.accessRefused).isEmpty)
    }
  }

  @Test("a wrong password is refused, and that is a fact")
  func wrong() async throws {
    try await TestGateway.with(authority: OneUser("kit", "secret")) { gateway, shop in
      let clip = try await shop.clip(.plain)
      let url = gateway.url("live/locked", user: "kit:guess")
      let published = try await Program.run(
        ["ffmpeg", "-v", "error", "-re", "-i", clip, "-c", "copy", "-f", "rtsp", "-rtsp_transport", "tcp", url], folder: shop.folder)
      #expect(published.status != 0)
      let fact = try #require(gateway.facts.all(FactKind.accessRefused).first)
      #expect(fact["what"]?.stringValue == "publish" && fact["name"]?.stringValue == "live/locked")
      #expect(fact["code"]?.stringValue == FaultCode.credentialsWrong.rawValue)
    }
  }
}
