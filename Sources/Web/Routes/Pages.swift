internal import Foundation
internal import FoundationEssentials
internal import Hummingbird
internal import Model
internal import NIOCore

/// The pages that ship with the program.
enum Pages {
  private static let types = ["html": "text/html", "css": "text/css", "js": "text/javascript", "json": "application/json", "svg": "image/svg+xml"]

  static func file(_ name: String, type: String) throws(Fault) -> Response {
    guard let url = Bundle.module.url(forResource: "Pages/\(name)", withExtension: nil), let data = try? Data(contentsOf: url) else {
      throw Fault(.notFound, name)
    }
    return .bytes(ByteBuffer(bytes: data), type: type)
  }

  /// A page's part: a plain name, no path.
  static func asset(_ name: String) throws(Fault) -> Response {
    guard StreamName.isSegment(name), let ending = name.split(separator: ".").last, let type = types[String(ending)] else {
      throw Fault(.notFound, name)
    }
    return try file(name, type: "\(type); charset=utf-8")
  }
}
