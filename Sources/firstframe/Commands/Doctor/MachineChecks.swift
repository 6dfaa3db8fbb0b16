internal import Foundation
internal import Model
internal import Pipelines

/// What a node needs that does not depend on its configuration.
enum MachineChecks {
  static func plugins() -> Finding {
    let name = Bilingual(zh: "GStreamer 插件", en: "GStreamer plugins")
    do {
      let missing = try PluginCheck.missing()
      guard !missing.isEmpty else { return Finding(name: name, detail: "齐全 complete") }
      let text = missing.map { "\($0.element) (\($0.package))" }.joined(separator: ", ")
      return Finding(name: name, fault: Fault(.packageMissing, text), detail: text)
    } catch { return Finding(name: name, fault: error, detail: error.detail) }
  }

  static func pipelines() -> Finding {
    let name = Bilingual(zh: "管线文件", en: "pipeline files")
    do {
      let library = try PipelineLibrary.locate()
      for file in library.names() { _ = try library.file(file) }
      return Finding(name: name, detail: "\(library.names().count) · \(library.folder)")
    } catch { return Finding(name: name, fault: error, detail: error.detail) }
  }

  static func fonts() -> Finding {
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

  static func clock() -> Finding {
    let name = Bilingual(zh: "系统时钟", en: "system clock")
    guard let state = ClockWatch.kernelState() else { return Finding(name: name, fault: Fault(.clockUnsynced), detail: "adjtimex", isWarning: true) }
    let detail = "最大误差 maximum error \(Figures.seconds(nanoseconds: state.maximumErrorNs))"
    guard state.synced else { return Finding(name: name, fault: Fault(.clockUnsynced), detail: detail, isWarning: true) }
    return Finding(name: name, detail: "已同步 synchronised · \(detail)")
  }
}
