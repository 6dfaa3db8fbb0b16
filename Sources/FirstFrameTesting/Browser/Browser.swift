internal import Foundation
internal import Glibc

/// A headless Chromium with a profile of its own, which a test drives and asks.
public final class Browser: Sendable {
  /// Whether `chromium` is in the PATH and may have the address space that its JavaScript engine sets aside (`ulimit -v` ends it at once).
  public static let isUsable = isInstalled && isAddressSpaceFree

  private static let isInstalled = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
    FileManager.default.isExecutableFile(atPath: "\($0)/chromium")
  }

  private static var isAddressSpaceFree: Bool {
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 && limit.rlim_cur == rlim_t.max
  }

  /// One for all tests of a process, gone with it; nil where none can be started.
  public static let shared: Browser? = {
    guard isUsable, let browser = try? Browser() else { return nil }
    atexit { Browser.shared?.stop() }
    return browser
  }()

  private let profile: String
  private let process: BrowserProcess
  private let connection: BrowserConnection

  /// Starts it. Pages share its storage for as long as it runs.
  public init() throws {
    profile = FileManager.default.temporaryDirectory.appendingPathComponent("firstframe-browser-\(UUID().uuidString)").path
    process = try BrowserProcess([
      "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
      "--disable-background-networking", "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
      "--disable-backgrounding-occluded-windows", "--window-size=1440,900", "--remote-debugging-pipe", "--user-data-dir=\(profile)", "about:blank",
    ])
    connection = try BrowserConnection(process)
  }

  /// Opens a page in a tab of its own and waits until it is loaded.
  /// - Parameter isolated: with storage of its own, as another person's browser.
  public func open(_ address: String, isolated: Bool = true) async throws -> BrowserPage {
    var parameters: [String: JSONValue] = ["url": "about:blank"]
    if isolated { parameters["browserContextId"] = try await connection.call("Target.createBrowserContext")["browserContextId"] }
    let target = try await connection.call("Target.createTarget", .object(parameters))["targetId"]?.string
    guard let target else { throw BrowserFailure.refused("no target") }
    let page = try await BrowserPage(target, connection)
    try await page.load(address)
    return page
  }

  /// The tab that a page opened, as soon as its address begins so.
  public func popUp(_ prefix: String) async throws -> BrowserPage {
    for _ in 0..<1000 {
      let targets = try await connection.call("Target.getTargets")["targetInfos"]?.array ?? []
      if let target = targets.first(where: { $0["url"]?.string?.hasPrefix(prefix) == true })?["targetId"]?.string {
        return try await BrowserPage(target, connection)
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw BrowserFailure.script("no tab with an address \(prefix)…")
  }

  /// Ends it at once, and removes its profile. Blocks. Call it once.
  public func stop() {
    process.stop()
    try? FileManager.default.removeItem(atPath: profile)
  }
}
