internal import Glibc
public import Model

/// The folder of pipeline files, wherever the program was put.
public struct PipelineLibrary: Sendable {
  /// Absolute or relative path of the folder that holds `archive/`, `probe/`, `sim/`…
  public let folder: String

  /// A library whose place is known; ``locate()`` finds it otherwise.
  public init(folder: String) { self.folder = folder }

  /// Looks in `FIRSTFRAME_PIPELINES`, then beside the executable (`../share/firstframe/pipelines`, and `pipelines/` in each folder above it),
  /// then in the working folder. Throws ``Fault`` `.pipelineInvalid` when none of them holds pipeline files.
  public static func locate() throws(Fault) -> PipelineLibrary {
    let candidates = PipelineLibrary.candidates(
      variable: getenv("FIRSTFRAME_PIPELINES").map { String(cString: $0) }, executable: executablePath() ?? "", workingFolder: ".")
    guard let folder = candidates.first(where: { access($0 + "/archive", R_OK | X_OK) == 0 }) else {
      throw Fault(.pipelineInvalid, "no folder `pipelines`; set FIRSTFRAME_PIPELINES")
    }
    return PipelineLibrary(folder: folder)
  }

  /// The places to look, best first. A variable that is set is the only place: a typing error must not fall back silently.
  static func candidates(variable: String?, executable: String, workingFolder: String) -> [String] {
    if let variable, !variable.isEmpty { return [variable] }
    var places: [String] = []
    var parts = executable.split(separator: "/").dropLast()
    if !parts.isEmpty { places.append("/" + parts.joined(separator: "/") + "/../share/firstframe/pipelines") }
    while !parts.isEmpty {
      places.append("/" + parts.joined(separator: "/") + "/pipelines")
      parts = parts.dropLast()
    }
    return places + [workingFolder + "/pipelines"]
  }

  /// Reads and checks one file, e.g. `archive/record-video`. Names come from code, never from users.
  public func file(_ name: String) throws(Fault) -> PipelineFile {
    let path = "\(folder)/\(name).launch"
    guard let bytes = PipelineLibrary.read(path) else { throw Fault(.pipelineInvalid, "\(path) cannot be read") }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Fault(.pipelineInvalid, "\(path) is not UTF-8") }
    return try PipelineFile(name: name, text: text)
  }

  /// The names of all files, sorted.
  public func names() -> [String] {
    var found: [String] = []
    for room in PipelineLibrary.entries(folder) {
      for file in PipelineLibrary.entries(folder + "/" + room) where file.hasSuffix(".launch") {
        found.append(room + "/" + file.dropLast(7))
      }
    }
    return found.sorted()
  }

  private static func entries(_ folder: String) -> [String] {
    guard let handle = opendir(folder) else { return [] }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }

  private static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = fread(&bytes, 1, bytes.count, file)
    guard count < bytes.count else { return nil }
    return Array(bytes.prefix(count))
  }

  private static func executablePath() -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0, count < buffer.count else { return nil }
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
