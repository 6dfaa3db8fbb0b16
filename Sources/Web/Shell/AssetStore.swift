internal import Foundation
internal import Model

/// The files that the pages are made of, in memory, by their path under `Pages/`: what is not in here cannot be asked for.
struct AssetStore: Sendable {
  private let assets: [String: Asset]

  subscript(path: String) -> Asset? { assets[path] }

  /// Sorted.
  var paths: [String] { assets.keys.sorted() }

  /// Where they lie: in `FirstFrame_Web.resources` beside the program, as it is built, or in `../share/firstframe/pages`, as it is installed. Blocks.
  /// Throws ``FaultCode/packageMissing`` when neither is there.
  static func locate(programs: String = Bundle.main.bundleURL.path) throws(Fault) -> String {
    let places = ["\(programs)/FirstFrame_Web.resources/Pages", "\(programs)/../share/firstframe/pages"]
    for place in places { if try !Disk.entries(place).isEmpty { return place } }
    throw Fault(.packageMissing, places.joined(separator: " | "))
  }

  /// Reads them. Blocks. Throws ``FaultCode/packageMissing`` when they are not there.
  static func load() throws(Fault) -> AssetStore {
    let folder = try locate()
    var assets: [String: Asset] = [:]
    try add(folder, as: "", to: &assets)
    guard !assets.isEmpty else { throw Fault(.packageMissing, folder) }
    return AssetStore(assets: assets)
  }

  /// Adds a folder and those in it. A name without a known ending is no asset.
  private static func add(_ folder: String, as prefix: String, to assets: inout [String: Asset]) throws(Fault) {
    for name in try Disk.entries(folder) {
      guard let dot = name.lastIndex(of: ".") else {
        try add("\(folder)/\(name)", as: "\(prefix)\(name)/", to: &assets)
        continue
      }
      guard let type = ContentType(ending: name[name.index(after: dot)...]), let bytes = try Disk.read("\(folder)/\(name)") else { continue }
      assets[prefix + name] = Asset(bytes, type: type)
    }
  }
}
