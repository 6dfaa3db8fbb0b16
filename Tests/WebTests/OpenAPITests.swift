import Foundation
import HTTPTypes
import Testing

@testable import Web

@Suite("The API's description")
struct OpenAPITests {
  private func document() throws -> [String: [String: Any]] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let data = try Data(contentsOf: root.appendingPathComponent("Sources/Web/Pages/openapi.json"))
    let whole = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    return try #require(whole["paths"] as? [String: [String: Any]])
  }

  @Test("openapi.json describes exactly the routes that are registered, with their permissions")
  func routes() throws {
    var described: Set<String> = []
    for (path, operations) in try document() {
      for (method, operation) in operations {
        let permission = (operation as? [String: Any])?["x-permission"] as? String ?? "?"
        described.insert("\(method.uppercased()) \(path) \(permission)")
      }
    }
    let registered = Set(WebRoutes.all.map { "\($0.method.rawValue) \($0.path) \($0.permission.rawValue)" })
    #expect(described == registered)
  }

  @Test("what belongs to a stream never hangs behind its name")
  func tails() {
    for route in WebRoutes.all where route.tail { #expect(route.path.hasSuffix("/{name}")) }
  }
}
