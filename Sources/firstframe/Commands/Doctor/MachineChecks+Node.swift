internal import Model
internal import Settings
internal import SettingsFile

#if canImport(Glibc)
  internal import Glibc
#endif

/// What a node needs by its configuration.
extension MachineChecks {
  /// Whether the data folder can be written, and how much room its disk has.
  static func dataFolder(_ folder: String) -> Finding {
    let name = Bilingual(zh: "数据目录", en: "data folder")
    do throws(Fault) {
      try Disk.makeFolder(folder)
      try Disk.replace(folder + "/.doctor", with: [1])
      try Disk.remove(folder + "/.doctor")
    } catch { return Finding(name: name, fault: error, detail: error.detail) }
    var state = statvfs()
    guard statvfs(folder, &state) == 0, state.f_blocks > 0 else {
      return Finding(name: name, fault: Fault(.diskFailed, folder), detail: folder)
    }
    let free = Int64(clamping: UInt64(state.f_bavail).multipliedReportingOverflow(by: UInt64(state.f_frsize)).partialValue)
    let percent = Int(Double(state.f_bavail) / Double(state.f_blocks) * 100)
    let detail = "\(folder) · 可用 free \(Figures.bytes(free)) (\(percent) %)"
    return percent < 8 ? Finding(name: name, fault: Fault(.diskFull), detail: detail, isWarning: percent >= 3) : Finding(name: name, detail: detail)
  }

  /// Whether the ports that the configuration names can be bound; one finding when it cannot be read.
  static func ports(configuration: String?, dataFolder: String) -> [Finding] {
    let settings: NodeSettings
    do throws(Fault) {
      let tree = try configuration.map { path throws(Fault) in try ConfigNode(file: path) }
      settings = try NodeSettings(tree ?? .map([:]), dataFolder: dataFolder)
    } catch { return [Finding(name: Bilingual(zh: "配置", en: "configuration"), fault: error, detail: error.detail)] }
    return settings.ports.map { label, port in
      let name = Bilingual(zh: "端口", en: "port")
      guard FreePorts.isFree(Int(port)) else { return Finding(name: name, fault: Fault(.portInUse, "\(port)"), detail: "\(label) \(port)") }
      return Finding(name: name, detail: "\(label) \(port) 空闲 free")
    }
  }
}
