internal import Pipelines

/// The Tracks element: which number the muxer gave to which track.
enum MatroskaTracks {
  /// - Parameter bytes: the element's content.
  static func parse(_ bytes: [UInt8]) -> [MatroskaWalker.Track] {
    EBMLElement.list(bytes, in: 0..<bytes.count).filter { $0.id == Matroska.trackEntry && $0.isWhole }.map { entry in
      var track = MatroskaWalker.Track(number: 0, isVideo: false, codecID: "")
      for element in EBMLElement.list(bytes, in: entry.content) where element.isWhole {
        switch element.id {
        case Matroska.trackNumber: track.number = element.unsigned(bytes) ?? 0
        case Matroska.trackType: track.isVideo = element.unsigned(bytes) == 1
        case Matroska.codecID: track.codecID = String(decoding: bytes[element.content].prefix { $0 != 0 }, as: UTF8.self)
        default: break
        }
      }
      return track
    }
  }
}
