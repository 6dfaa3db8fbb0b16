import FirstFrameTesting
import Foundation
import Measure
import Testing

@testable import Web

@Suite("What a browser may do with an answer")
struct SecurityHeaderTests {
  @Test("every answer, also a failure, says what it may load, that its type is its type, and that its address goes nowhere")
  func everywhere() async throws {
    let node = try await RunningNode()
    let id = try await node.shown("x").id
    let paths = [
      "/", "/healthz", "/metrics", "/openapi.json", "/assets/js/api.js", "/api/v1/node", "/api/v1/streams", "/api/v1/incidents", "/nothing",
      "/api/v1/reports/\(id).html", "/api/v1/inspections/\(id).html", "/api/v1/inspections/\(id).csv", "/api/v1/snapshots/county-\(id)-0.jpg",
      "/api/v1/incidents/nobody",
    ]
    for path in paths {
      let headers = try await node.client.get(path).headers
      let policy = headers["content-security-policy"] ?? ""
      #expect(policy.hasPrefix("default-src '"), "\(path)")
      for rule in ["frame-ancestors 'none'", "base-uri 'none'", "form-action '"] { #expect(policy.contains(rule), "\(path): \(rule)") }
      #expect(!policy.contains("unsafe") && !policy.contains("*") && !policy.contains("http"), "\(path)")
      #expect(headers["x-content-type-options"] == "nosniff", "\(path)")
      #expect(headers["referrer-policy"] == "no-referrer", "\(path)")
      #expect(headers["x-frame-options"] == "DENY", "\(path)")
    }
  }

  @Test("pages take scripts and styles from the node alone; documents run nothing; data loads nothing")
  func policies() async throws {
    let node = try await RunningNode()
    let id = try await node.open("x").id
    func policy(_ path: String) async throws -> [String] {
      (try await node.client.get(path).headers["content-security-policy"] ?? "").components(separatedBy: "; ")
    }
    let page = try await policy("/")
    #expect(page.contains("default-src 'self'") && page.contains("script-src 'self'") && page.contains("form-action 'self'"))
    #expect(page.contains("require-trusted-types-for 'script'"))
    let report = try await policy("/api/v1/reports/\(id).html")
    #expect(report.contains("default-src 'none'") && report.contains("img-src data:") && !report.contains { $0.hasPrefix("script-src") })
    let inspection = try await policy("/api/v1/inspections/\(id).html")
    #expect(report.filter { $0.hasPrefix("style-src") } != inspection.filter { $0.hasPrefix("style-src") })
    #expect(try await policy("/api/v1/node").first == "default-src 'none'")
  }
}
