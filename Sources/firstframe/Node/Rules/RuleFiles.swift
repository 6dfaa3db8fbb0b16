internal import Crypto
internal import Measure
internal import Model
internal import Settings
internal import SettingsFile

#if canImport(Glibc)
  internal import Glibc
#endif

/// Quality profiles and policies: beside the configuration file, where `FIRSTFRAME_CONFIG` says, or in the `Config/` that came with the program.
struct RuleFiles {
  let folder: String

  /// Throws ``FaultCode/configUnreadable`` when no `Config/policies` is found.
  /// - Parameter configuration: the node's configuration file, when it has one.
  static func locate(beside configuration: String? = nil) throws(Fault) -> RuleFiles {
    var candidates: [String] = []
    if let configuration { candidates.append(configuration.contains("/") ? Disk.parent(of: configuration) : ".") }
    if let named = getenv("FIRSTFRAME_CONFIG") { candidates.append(String(cString: named)) }
    var folder = Disk.parent(of: ChildProcess.executable)
    for _ in 0..<8 {
      candidates.append(folder + "/Config")
      candidates.append(folder + "/share/firstframe/Config")
      folder = Disk.parent(of: folder)
    }
    candidates.append("Config")
    for candidate in candidates where access(candidate + "/policies", R_OK) == 0 { return RuleFiles(folder: candidate) }
    throw Fault(.configUnreadable, "Config/policies")
  }

  func policy(_ name: String) throws(Fault) -> Policy { try Policy(try rule("policies", name)) }
  func profile(_ name: String) throws(Fault) -> QualityProfile { try QualityProfile(try rule("quality", name)) }

  private func rule(_ kind: String, _ name: String) throws(Fault) -> JSON {
    guard StreamName.isSegment(name) else { throw Fault(.configInvalid, name) }
    let path = "\(folder)/\(kind)/\(name).yaml"
    return try ConfigNode(file: path).json
  }

  /// SHA-256 of a rule's canonical text: what facts name it by.
  static func sha256(_ text: String) -> String { Hex.encode(SHA256.hash(data: Array(text.utf8))) }
}
