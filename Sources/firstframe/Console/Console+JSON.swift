internal import Foundation

extension Console {
  /// An API answer as it came, with sorted keys.
  static func print(_ answer: [String: Any]) throws {
    let data = try JSONSerialization.data(withJSONObject: answer, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    say(String(decoding: data, as: UTF8.self))
  }
}
