import FirstFrameTesting
import Foundation
import NIOCore
import Testing

@testable import Web

/// `openapi.json` as the server sends it.
struct APIDescription: Sendable {
  struct Operation: Hashable {
    var method: String
    var path: String
  }

  let document: JSONValue
  private var validator: SchemaValidator { SchemaValidator(document: document) }

  init() throws {
    let store = try AssetStore.load()
    document = try JSONValue(parsing: Data(try #require(store["openapi.json"]).bytes.readableBytesView))
  }

  var operations: [Operation: JSONValue] {
    var found: [Operation: JSONValue] = [:]
    for (path, methods) in document["paths"]?.object ?? [:] {
      for (method, operation) in methods.object ?? [:] { found[Operation(method: method.uppercased(), path: path)] = operation }
    }
    return found
  }

  /// What is wrong with an answer: a status or media type that is not described, or a body that does not fit.
  func problems(_ answer: HTTPAnswer, to operation: Operation) throws -> [String] {
    guard let responses = operations[operation]?["responses"] else { return ["\(operation) is not described"] }
    guard let response = responses["\(answer.status)"] ?? (answer.status >= 400 ? responses["default"] : nil) else {
      return ["\(answer.status) is not described"]
    }
    guard let content = response["content"]?[answer.mediaType] else { return ["\(answer.mediaType) is not described"] }
    guard let schema = content["schema"] else { return answer.mediaType == "application/json" && !answer.isFile ? ["no schema"] : [] }
    return validator.problems(try answer.json, schema)
  }

  /// What is wrong with a value by one of the named schemas.
  func problems(_ value: JSONValue, _ schema: String) -> [String] {
    validator.problems(value, document["components"]?["schemas"]?[schema] ?? .null)
  }
}

extension HTTPAnswer {
  /// A stored file or a document whose form is described elsewhere.
  fileprivate var isFile: Bool { headers["content-type"] == "application/json" || (try? json)?["schema"] != nil || (try? json)?["openapi"] != nil }
}
