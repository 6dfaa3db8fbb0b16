internal import Foundation
internal import Model

#if canImport(FoundationNetworking)
  internal import FoundationNetworking
#endif

/// The command line's way to a running node: its own HTTP API, as anybody else would use it.
struct APIClient {
  let base: String
  let key: String?

  /// The answer as JSON. Throws ``FaultCode/nodeUnreachable`` when nobody listens, and the server's own words when it refuses.
  func call(_ method: String, _ path: String, body: JSON? = nil) async throws -> Data {
    guard let url = URL(string: base + path) else { throw Fault(.usage, "\(base)\(path) is no URL") }
    var request = URLRequest(url: url, timeoutInterval: 20)
    request.httpMethod = method
    if let body {
      request.httpBody = Data(body.text.utf8)
      request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    }
    if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
    let (data, response): (Data, URLResponse)
    do {
      (data, response) = try await URLSession.shared.data(for: request)
    } catch {
      throw Fault(.nodeUnreachable, base)
    }
    let status = (response as? HTTPURLResponse)?.statusCode ?? 0
    guard (200..<300).contains(status) else { throw APIClient.fault(data, status) }
    return data
  }

  func object(_ method: String, _ path: String, body: JSON? = nil) async throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: try await call(method, path, body: body)) as? [String: Any] ?? [:]
  }

  /// The fault that an answer carries; by its status when it carries none.
  static func fault(_ data: Data, _ status: Int) -> Fault {
    let answer = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any]
    let inner = answer?["error"] as? [String: Any] ?? answer
    guard let code = (inner?["code"] as? String).flatMap(FaultCode.init(rawValue:)) else {
      return Fault(status == 404 ? .notFound : .httpMalformed, "HTTP \(status)")
    }
    return Fault(code, inner?["detail"] as? String ?? "")
  }
}
