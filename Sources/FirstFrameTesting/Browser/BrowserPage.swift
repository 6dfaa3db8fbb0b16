public import Foundation
internal import Synchronization

/// One tab of a ``Browser``.
public final class BrowserPage: Sendable {
  private let connection: BrowserConnection
  private let session: String
  private let noted = Mutex<[String]>([])
  /// The loader of each document whose load event was fired.
  private let loads: AsyncStream<String>

  init(_ target: String, _ connection: BrowserConnection) async throws {
    self.connection = connection
    let attached = try await connection.call("Target.attachToTarget", ["targetId": .string(target), "flatten": true])
    guard let session = attached["sessionId"]?.string else { throw BrowserFailure.refused("no session") }
    self.session = session
    let (loads, loaded) = AsyncStream<String>.makeStream()
    self.loads = loads
    connection.listen(to: session) { [weak self] method, parameters in
      if method == "Page.lifecycleEvent", parameters["name"] == "load", let loader = parameters["loaderId"]?.string { loaded.yield(loader) }
      if let complaint = BrowserPage.complaint(method, parameters) { self?.noted.withLock { $0.append(complaint) } }
    }
    for domain in ["Page", "Log", "Runtime"] { _ = try await call("\(domain).enable") }
    _ = try await call("Page.setLifecycleEventsEnabled", ["enabled": true])
  }

  /// Everything that the console was told as an error or a warning: failed scripts, refused loads, violations of the Content-Security-Policy.
  public var complaints: [String] { noted.withLock { $0 } }

  /// Forgets what the console was told so far.
  public func clearComplaints() { noted.withLock { $0 = [] } }

  private static func complaint(_ method: String, _ parameters: JSONValue) -> String? {
    switch method {
    case "Log.entryAdded":
      guard let entry = parameters["entry"], ["error", "warning"].contains(entry["level"]?.string) else { return nil }
      return "\(entry["source"]?.string ?? ""): \(entry["text"]?.string ?? "") \(entry["url"]?.string ?? "")"
    case "Runtime.exceptionThrown": return "exception: \(parameters["exceptionDetails"]?.text ?? "")"
    case "Runtime.consoleAPICalled" where ["error", "warning", "assert"].contains(parameters["type"]?.string):
      return "console: \(parameters["args"]?.text ?? "")"
    default: return nil
    }
  }

  private func call(_ method: String, _ parameters: JSONValue = [:]) async throws -> JSONValue {
    try await connection.call(method, parameters, session: session)
  }

  /// Goes to an address and waits for its load event.
  public func load(_ address: String) async throws {
    let answer = try await call("Page.navigate", ["url": .string(address)])
    if let error = answer["errorText"]?.string { throw BrowserFailure.script("\(address): \(error)") }
    for await loader in loads where loader == answer["loaderId"]?.string { return }
  }

  /// The value of an expression, awaited when it is a promise. It counts as a person's doing, so it may open windows.
  @discardableResult
  public func evaluate(_ expression: String) async throws -> JSONValue {
    let answer = try await call(
      "Runtime.evaluate", ["expression": .string(expression), "awaitPromise": true, "returnByValue": true, "userGesture": true])
    if let failure = answer["exceptionDetails"] {
      throw BrowserFailure.script(failure["exception"]?["description"]?.string ?? failure.text)
    }
    return answer["result"]?["value"] ?? .null
  }

  /// The value of an expression as soon as it is true; what the page shows is in the failure when it does not become so within 20 s.
  @discardableResult
  public func wait(_ expression: String) async throws -> JSONValue {
    try await evaluate(
      """
      new Promise((resolve, reject) => {
        const end = performance.now() + 20000;
        const look = () => {
          let value;
          try { value = (\(expression)); } catch { value = null; }
          if (value) resolve(value);
          else if (performance.now() > end) reject(new Error("not so after 20 s; the page shows: " + document.body.innerText));
          else setTimeout(look, 20);
        };
        look();
      })
      """)
  }

  /// The text of the first element that a selector finds; nil when there is none.
  public func text(of selector: String) async throws -> String? {
    try await evaluate("document.querySelector(\(JSONValue.string(selector).text))?.textContent ?? null").string
  }

  /// Waits until the first element that a selector finds has that text.
  public func wait(for text: String, in selector: String) async throws {
    try await wait("document.querySelector(\(JSONValue.string(selector).text))?.textContent === \(JSONValue.string(text).text)")
  }

  /// Presses the first button with these words.
  public func press(_ words: String) async throws {
    try await wait("[...document.querySelectorAll('button')].some((button) => button.textContent === \(JSONValue.string(words).text))")
    try await evaluate("[...document.querySelectorAll('button')].find((button) => button.textContent === \(JSONValue.string(words).text)).click()")
  }

  /// What a person reads on the page.
  public func text() async throws -> String { try await evaluate("document.body.innerText").string ?? "" }

  /// The page as PNG, from its top, in a window of that size in CSS pixels.
  public func picture(width: Int, height: Int) async throws -> Data {
    try await setWindow(width: width, height: height)
    let picture = try await call("Page.captureScreenshot", ["format": "png"])
    guard let data = picture["data"]?.string.flatMap({ Data(base64Encoded: $0) }) else { throw BrowserFailure.refused("no picture") }
    return data
  }

  /// In CSS pixels; below 600 it is a phone's.
  public func setWindow(width: Int, height: Int) async throws {
    _ = try await call(
      "Emulation.setDeviceMetricsOverride",
      ["width": .number(Double(width)), "height": .number(Double(height)), "deviceScaleFactor": 1, "mobile": .bool(width < 600)])
  }
}
