import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// The program as `scripts/install` puts it on a machine, run as the service's user.
@Suite("Installed", .serialized)
struct InstallTests {
  private static let user = "daemon"
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// Why the whole test cannot run here; nil when it can.
  private static let hindrance: String? = {
    guard geteuid() == 0 else { return "needs root: the program is run as another user, where toolchain and checkout are hidden" }
    guard let state = try? mode(FileManager.default.temporaryDirectory.path), state.mode & 0o5 == 0o5 else {
      return "other users may not enter the folder of temporary files"
    }
    for tool in ["unshare", "setpriv", "mount", "ldd", "bash"] where !Program.exists(tool) { return "\(tool) is not installed" }
    return nil
  }()

  private func install(into folder: String, _ more: [String] = []) throws -> Program.Outcome {
    try Program.run(
      "/bin/bash", [InstallTests.root + "/scripts/install", "--root", folder, "--binary", Program.firstframe, "--user", InstallTests.user] + more)
  }

  private static func mode(_ path: String) throws -> (mode: UInt32, user: UInt32) {
    var state = stat()
    try #require(stat(path, &state) == 0, "\(path)")
    return (state.st_mode & 0o777, state.st_uid)
  }

  @Test("scripts/install may run again: what is there is replaced, but for configuration and data")
  func idempotent() throws {
    let folder = try TemporaryFolder()
    let first = try install(into: folder.path, ["--role", "province"])
    #expect(first.status == 0, "\(first.errors)")
    let config = folder.path + "/etc/firstframe/node.yaml"
    #expect(try String(contentsOfFile: config, encoding: .utf8).contains("role: province"))
    try "# mine\n".write(toFile: config, atomically: true, encoding: .utf8)
    try Data().write(to: URL(fileURLWithPath: folder.path + "/usr/local/share/firstframe/pages/stale.js"))
    try Data().write(to: URL(fileURLWithPath: folder.path + "/var/lib/firstframe/kept"))
    let second = try install(into: folder.path)
    #expect(second.status == 0, "\(second.errors)")
    #expect(try String(contentsOfFile: config, encoding: .utf8) == "# mine\n")
    #expect(try InstallTests.mode(config).mode == 0o640)
    #expect(FileManager.default.fileExists(atPath: folder.path + "/var/lib/firstframe/kept"))
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/usr/local/share/firstframe/pages/stale.js"))
    let unit = try String(contentsOfFile: folder.path + "/etc/systemd/system/firstframe.service", encoding: .utf8)
    #expect(unit.contains("User=daemon\nGroup=") && !unit.contains("DynamicUser"))
    #expect(try install(into: folder.path, ["--role", "moon"]).status == 2)
    #expect(try install(into: folder.path, ["--nosuch"]).status == 2)
  }

  @Test("the unit is one that systemd has nothing to say against", .enabled(if: Program.exists("systemd-analyze"), "systemd is not installed"))
  func unit() throws {
    let folder = try TemporaryFolder()
    #expect(try install(into: folder.path).status == 0)
    let installed = folder.path + "/etc/systemd/system/firstframe.service"
    // Systemd looks whether the program is there; in a trial it lies below the trial's folder.
    let text = try String(contentsOfFile: installed, encoding: .utf8).replacing("=/usr/local/bin/", with: "=\(folder.path)/usr/local/bin/")
    try text.write(toFile: installed, atomically: true, encoding: .utf8)
    let verdict = try Program.run("systemd-analyze", ["verify", "--man=no", installed])
    #expect(verdict.status == 0, "\(verdict.errors)")
    #expect(!verdict.errors.contains("firstframe"), "\(verdict.errors)")
  }

  @Test(
    "it serves as the service's user, with neither toolchain nor checkout in its path, and reads what root's key add wrote",
    .enabled(if: InstallTests.hindrance == nil, Comment(rawValue: InstallTests.hindrance ?? "")))
  func serves() async throws {
    let folder = try TemporaryFolder()
    #expect(chmod(folder.path, 0o755) == 0)
    let outcome = try install(into: folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let program = folder.path + "/usr/local/bin/firstframe"
    let data = folder.path + "/var/lib/firstframe"
    #expect(try InstallTests.mode(data).user == 1)
    let hidden = try bring(program, into: folder.path)
    let script = folder.path + "/as-service"
    try """
    #!/bin/bash
    # Another user, in a machine where the hidden folders are empty.
    set -e
    for folder in \(hidden.map { "'\($0)'" }.joined(separator: " ")); do mount -t tmpfs none "$folder"; done
    cd /
    exec setpriv --reuid \(InstallTests.user) --regid 1 --clear-groups env -i PATH=/usr/bin:/bin LD_LIBRARY_PATH='\(folder.path)/runtime' \
      XDG_CACHE_HOME='\(data)' FIRSTFRAME_EXIT_WITH_PARENT=1 "$@"
    """.write(toFile: script, atomically: true, encoding: .utf8)
    let prefix = ["unshare", "-m", "/bin/bash", script]

    // An administrator adds a key as root; the service must be able to read it.
    let added = try Program.run(program, ["key", "add", "hall", "--path", "**", "--read", "--role", "hall", "--json", "--data", data])
    #expect(added.status == 0, "\(added.errors)")
    let secret = try #require((try JSONSerialization.jsonObject(with: Data(added.output.utf8)) as? [String: Any])?["secret"] as? String)
    #expect(try InstallTests.mode(data + "/keys/access.json") == (0o600, 1))

    let config = folder.path + "/etc/firstframe/node.yaml"
    let checked = try Program.run(prefix[0], Array(prefix.dropFirst()) + [program, "doctor", "--json", "--config", config, "--data", data])
    for found in ["\(folder.path)/usr/local/share/firstframe/Config", "share/firstframe/pipelines", "share/firstframe/pages"] {
      #expect(checked.output.contains(found), "\(found): \(checked.output) \(checked.errors)")
    }
    let node = try Node(
      data: data, config: config, settings: ["bind=127.0.0.1"], prefix: prefix, program: program, log: folder.path + "/log")
    try await node.awaitReady()
    let log = { (try? String(contentsOfFile: folder.path + "/log", encoding: .utf8)) ?? "" }
    #expect(try await node.get("/healthz")["status"] as? String == "ok")
    #expect(log().contains("the administrator's key: admin"), "\(log())")
    let base = "http://127.0.0.1:\(node.http)"
    #expect(try Program.run(program, ["incident", "list", "--node", base, "--key", secret]).status == 0)
    let page = try Program.run(
      "/bin/bash", ["-c", "exec 3<>/dev/tcp/127.0.0.1/\(node.http); printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; head -c 15 <&3"])
    #expect(page.output == "HTTP/1.1 200 OK" || page.output == "HTTP/1.0 200 OK", "\(page.output)")
    node.stop()
    #expect(!log().contains("could not"), "\(log())")
  }

  /// Brings the parts of the Swift runtime that the program does not have inside it (a debug build's) beside it.
  /// - Returns: the folders to hide: the checkout, and the toolchain.
  private func bring(_ program: String, into folder: String) throws -> [String] {
    let runtime = folder + "/runtime"
    try FileManager.default.createDirectory(atPath: runtime, withIntermediateDirectories: true)
    var hidden = [InstallTests.root]
    for line in try Program.run("ldd", [program]).output.split(separator: "\n") {
      guard let arrow = line.range(of: "=> "), let path = line[arrow.upperBound...].split(separator: " ").first, path.contains("/swift/") else {
        continue
      }
      try FileManager.default.copyItem(atPath: String(path), toPath: runtime + "/" + (path.split(separator: "/").last ?? ""))
      let toolchain = URL(fileURLWithPath: String(path)).deletingLastPathComponent().path
      if !hidden.contains(toolchain) { hidden.append(toolchain) }
    }
    return hidden
  }
}
