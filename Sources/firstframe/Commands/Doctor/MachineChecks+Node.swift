internal import Access
internal import Journal
internal import Measure
internal import Model
internal import RTSPGateway
internal import Settings
internal import SettingsFile
internal import Web
internal import Wire

#if canImport(Glibc)
  internal import Glibc
#endif

/// What a node needs by its configuration. Nothing is made and nothing is changed.
extension MachineChecks {
  static let configuration = Bilingual(zh: "配置", en: "configuration")

  /// The configuration as `serve` reads it.
  static func settings(configuration: String?, dataFolder: String) -> Result<NodeSettings, Fault> {
    do throws(Fault) {
      let tree = try configuration.map { path throws(Fault) in try ConfigNode(file: path) }
      return .success(try NodeSettings(tree ?? .map([:]), dataFolder: dataFolder))
    } catch { return .failure(error) }
  }

  /// Whether the data folder can be written, whether another node has it, and how much room its disk has.
  static func dataFolder(_ folder: String) -> Finding {
    let name = Bilingual(zh: "数据目录", en: "data folder")
    let isThere = Paths.isThere(folder)
    // One that is not there is made at the first start, in the nearest folder that is.
    var place = folder
    while !Paths.isThere(place), Disk.parent(of: place) != place { place = Disk.parent(of: place) }
    guard Paths.isFolder(place) else {
      return Finding(name: name, fault: Fault(.pathWrong, "\(place): \(String(cString: strerror(ENOTDIR)))"), detail: folder)
    }
    guard access(place, R_OK | W_OK | X_OK) == 0 else {
      let fault = Fault(.diskFailed, "\(place): \(String(cString: strerror(errno)))")
      return Finding(name: name, fault: fault, detail: fault.detail)
    }
    if isLocked(folder + "/journal/lock") {
      return Finding(name: name, fault: Fault(.dataFolderInUse, folder), detail: "\(folder) · 正被另一个节点使用 in use")
    }
    guard let space = DiskSpace(of: place) else { return Finding(name: name, fault: Fault(.diskFailed, folder), detail: folder) }
    let percent = space.permille / 10
    let state = isThere ? "" : " · 首次启动时创建 made at the first start"
    let detail = "\(folder) · 可用 free \(Figures.bytes(space.free)) (\(percent) %)\(state)"
    return percent < 8 ? Finding(name: name, fault: Fault(.diskFull), detail: detail, isWarning: percent >= 3) : Finding(name: name, detail: detail)
  }

  private static func isLocked(_ path: String) -> Bool {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    return flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  /// The policies and profiles that the node would judge by.
  static func rules(_ settings: NodeSettings, configuration: String?) -> [Finding] {
    let name = Bilingual(zh: "考核办法和质量标准", en: "policies and profiles")
    do throws(Fault) {
      let files = try RuleFiles.locate(beside: configuration)
      let rules = try NodeRules(settings.measuring, files: files)
      let ids = [rules.response.id, rules.connection.id, rules.field.id, rules.fixed.id]
      return [Finding(name: name, detail: "\(ids.joined(separator: ", ")) · \(files.folder)")]
    } catch { return [Finding(name: name, fault: error, detail: error.detail)] }
  }

  /// Who may do what, and the node's own key.
  static func keys(_ settings: NodeSettings) -> [Finding] {
    [accessRules(settings), identity(settings.dataFolder)]
  }

  private static func accessRules(_ settings: NodeSettings) -> Finding {
    let name = Bilingual(zh: "访问", en: "access")
    do throws(Fault) {
      let ring = try KeyRing(settings.access, bind: settings.bind, dataFolder: settings.dataFolder)
      guard ring.policy.mode == .keys else { return Finding(name: name, detail: "开放 open · \(settings.bind)") }
      let keys = try AccessStore(dataFolder: settings.dataFolder).all
      let now = SystemClock().wallTime()
      let expired = keys.filter { $0.isExpired(at: now) }.map(\.name)
      let detail = "密钥 keys \(keys.count)" + (expired.isEmpty ? "" : " · 已过期 expired: \(expired.joined(separator: ", "))")
      return expired.isEmpty
        ? Finding(name: name, detail: detail)
        : Finding(name: name, fault: Fault(.keyExpired, expired.joined(separator: ", ")), detail: detail, isWarning: true)
    } catch { return Finding(name: name, fault: error, detail: error.detail) }
  }

  private static func identity(_ dataFolder: String) -> Finding {
    let name = Bilingual(zh: "节点密钥", en: "node key")
    do throws(Fault) {
      guard let identity = try NodeIdentity.existing(dataFolder: dataFolder) else {
        return Finding(name: name, detail: "首次启动时生成 made at the first start")
      }
      return Finding(name: name, detail: identity.publicKey.fingerprintForReading)
    } catch { return Finding(name: name, fault: error, detail: error.detail) }
  }

  /// Whether the ports that the configuration names can be bound.
  static func ports(_ settings: NodeSettings) -> [Finding] {
    settings.ports.map { label, port in
      let name = Bilingual(zh: "端口", en: "port")
      guard FreePorts.isFree(Int(port)) else { return Finding(name: name, fault: Fault(.portInUse, "\(port)"), detail: "\(label) \(port)") }
      return Finding(name: name, detail: "\(label) \(port) 空闲 free")
    }
  }

  /// How many tracks can be received by UDP. Each takes an even port and the next.
  static func mediaPorts(_ range: ClosedRange<UInt16>?) -> Finding {
    let name = Bilingual(zh: "RTP 端口", en: "RTP ports")
    guard let range else { return Finding(name: name, detail: "由系统选择 chosen by the kernel") }
    let evens = stride(from: Int(range.lowerBound + range.lowerBound % 2), to: Int(range.upperBound), by: 2)
    let (all, free) = evens.reduce(into: (0, 0)) { count, port in
      count.0 += 1
      if FreePorts.isFree(datagrams: port), FreePorts.isFree(datagrams: port + 1) { count.1 += 1 }
    }
    let detail = "UDP \(range.lowerBound)-\(range.upperBound) · 空闲 free \(free)/\(all)"
    guard free > 0 else { return Finding(name: name, fault: Fault(.portInUse, "UDP \(range.lowerBound)-\(range.upperBound)"), detail: detail) }
    return free * 2 < all
      ? Finding(name: name, fault: Fault(.portInUse, detail), detail: detail, isWarning: true) : Finding(name: name, detail: detail)
  }

  /// The cameras' addresses; nothing is dialled.
  static func pulls(_ settings: NodeSettings) -> [Finding] {
    let name = Bilingual(zh: "拉流", en: "pulls")
    let wrong = settings.pulls.filter { RTSPURL($0.url)?.scheme != "rtsp" }.map(\.name.path)
    if let first = wrong.first {
      return [Finding(name: name, fault: Fault(.configInvalid, "\(first): not an rtsp:// address"), detail: wrong.joined(separator: ", "))]
    }
    return settings.pulls.isEmpty ? [] : [Finding(name: name, detail: "\(settings.pulls.count)")]
  }

  /// The files that the pages are made of.
  static func pages() -> Finding {
    let name = Bilingual(zh: "网页文件", en: "web pages")
    do throws(Fault) {
      return Finding(name: name, detail: try WebServer.pagesFolder())
    } catch { return Finding(name: name, fault: error, detail: error.detail) }
  }
}
