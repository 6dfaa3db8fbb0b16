internal import ArgumentParser
internal import Foundation
internal import Model
internal import Pipelines
internal import Settings
internal import SettingsFile

#if canImport(Glibc)
  internal import Glibc
#endif

/// Checks what a node needs from its machine and says what to do.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "doctor", abstract: "体检:软件包、插件、端口、时钟、磁盘、字体 | checks this machine")
  @Option(help: "配置文件 | configuration file") var config: String?
  @OptionGroup var folder: DataOptions
  @Flag(help: "以 JSON 输出 | print JSON") var json = false

  struct Finding {
    var name: Bilingual
    /// Nil when all is well.
    var fault: Fault?
    var detail: String
    /// A warning does not fail the check.
    var isWarning = false
  }

  mutating func run() async throws {
    var findings = [plugins(), pipelines(), fonts(), clock(), disk()]
    findings += ports()
    if json {
      Console.say(
        JSON.object([
          "ok": .bool(findings.allSatisfy { $0.fault == nil || $0.isWarning }),
          "checks": .array(
            findings.map {
              [
                "name": .string($0.name.en), "ok": .bool($0.fault == nil), "warning": .bool($0.isWarning), "detail": .string($0.detail),
                "fault": $0.fault?.json ?? .null,
              ]
            }),
        ]).text)
    } else {
      for finding in findings {
        let mark = finding.fault == nil ? "✓" : finding.isWarning ? "⚠" : "✗"
        Console.say("\(mark) \(finding.name.zh) \(finding.name.en): \(finding.detail)")
        if let fault = finding.fault { Console.say("    → \(fault.toDo.zh) | \(fault.toDo.en)") }
      }
    }
    if findings.contains(where: { $0.fault != nil && !$0.isWarning }) { throw ExitCode(1) }
  }

  private func plugins() -> Finding {
    let name = Bilingual(zh: "GStreamer 插件", en: "GStreamer plugins")
    do {
      let missing = try PluginCheck.missing()
      guard !missing.isEmpty else { return Finding(name: name, detail: "齐全 complete") }
      let text = missing.map { "\($0.element) (\($0.package))" }.joined(separator: ", ")
      return Finding(name: name, fault: Fault(.packageMissing, text), detail: text)
    } catch { return Finding(name: name, fault: error, detail: error.detail) }
  }

  private func pipelines() -> Finding {
    let name = Bilingual(zh: "管线文件", en: "pipeline files")
    do {
      let library = try PipelineLibrary.locate()
      for file in library.names() { _ = try library.file(file) }
      return Finding(name: name, detail: "\(library.names().count) · \(library.folder)")
    } catch { return Finding(name: name, fault: error, detail: error.detail) }
  }

  private func fonts() -> Finding {
    let name = Bilingual(zh: "中文字体", en: "Chinese font")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["fc-list", ":lang=zh", "family"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return Finding(name: name, fault: Fault(.packageMissing, "fontconfig"), detail: "fc-list") }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard let first = text.split(separator: "\n").first else {
      return Finding(name: name, fault: Fault(.fontMissing), detail: "无 none")
    }
    return Finding(name: name, detail: String(first))
  }

  private func clock() -> Finding {
    let name = Bilingual(zh: "系统时钟", en: "system clock")
    guard let state = ClockWatch.kernelState() else { return Finding(name: name, fault: Fault(.clockUnsynced), detail: "adjtimex", isWarning: true) }
    let detail = "最大误差 maximum error \(Figures.seconds(nanoseconds: state.maximumErrorNs))"
    guard state.synced else { return Finding(name: name, fault: Fault(.clockUnsynced), detail: detail, isWarning: true) }
    return Finding(name: name, detail: "已同步 synchronised · \(detail)")
  }

  private func disk() -> Finding {
    let name = Bilingual(zh: "数据目录", en: "data folder")
    do throws(Fault) {
      try Disk.makeFolder(folder.data)
      try Disk.replace(folder.data + "/.doctor", with: [1])
      try Disk.remove(folder.data + "/.doctor")
    } catch { return Finding(name: name, fault: error, detail: error.detail) }
    var state = statvfs()
    guard statvfs(folder.data, &state) == 0, state.f_blocks > 0 else {
      return Finding(name: name, fault: Fault(.diskFailed, folder.data), detail: folder.data)
    }
    let free = Int64(clamping: UInt64(state.f_bavail).multipliedReportingOverflow(by: UInt64(state.f_frsize)).partialValue)
    let percent = Int(UInt64(state.f_bavail) * 100 / UInt64(state.f_blocks))
    let detail = "\(folder.data) · 可用 free \(Figures.bytes(free)) (\(percent) %)"
    return percent < 8 ? Finding(name: name, fault: Fault(.diskFull), detail: detail, isWarning: percent >= 3) : Finding(name: name, detail: detail)
  }

  private func ports() -> [Finding] {
    let settings: NodeSettings
    do throws(Fault) {
      let tree = try config.map { path throws(Fault) in try ConfigNode(file: path) }
      settings = try NodeSettings(tree ?? .map([:]), dataFolder: folder.data)
    } catch { return [Finding(name: Bilingual(zh: "配置", en: "configuration"), fault: error, detail: error.detail)] }
    return settings.ports.map { label, port in
      let name = Bilingual(zh: "端口", en: "port")
      guard FreePorts.isFree(Int(port)) else { return Finding(name: name, fault: Fault(.portInUse, "\(port)"), detail: "\(label) \(port)") }
      return Finding(name: name, detail: "\(label) \(port) 空闲 free")
    }
  }
}
