import Model
import NIOCore
import Pipelines

/// A Matroska file read back block by block.
struct MatroskaFile {
  struct Unreadable: Error {}

  struct FileTrack {
    var number = 0
    var codec = ""
    var codecPrivate: [UInt8] = []
    var codecDelay: Int64 = 0
    var width = 0
    var height = 0

    func recorderTrack(index: UInt8) -> RecorderTrack {
      let data = "codec_data=(buffer)\(Hex.encode(codecPrivate))"
      let size = "width=\(width),height=\(height)"
      switch codec {
      case "V_MPEG4/ISO/AVC":
        return RecorderTrack(
          track: Track(index: index, codec: .h264, clockRate: 90_000), caps: "video/x-h264,stream-format=avc,alignment=au,\(size),\(data)")
      case "V_MPEGH/ISO/HEVC":
        return RecorderTrack(
          track: Track(index: index, codec: .h265, clockRate: 90_000), caps: "video/x-h265,stream-format=hvc1,alignment=au,\(size),\(data)")
      case "A_AAC":
        return RecorderTrack(
          track: Track(index: index, codec: .aac, clockRate: 48_000, channels: 1),
          caps: "audio/mpeg,mpegversion=4,stream-format=raw,rate=48000,channels=1,\(data)")
      case "A_OPUS":
        let head = "streamheader=(buffer)<\(Hex.encode(codecPrivate)),4f707573546167730000000000000000>"
        return RecorderTrack(
          track: Track(index: index, codec: .opus, clockRate: 48_000, channels: 1),
          caps: "audio/x-opus,rate=48000,channels=1,channel-mapping-family=0,\(head)")
      default:
        return RecorderTrack(
          track: Track(index: index, codec: .pcma, clockRate: 8000, channels: 1), caps: "audio/x-alaw,rate=8000,channels=1")
      }
    }
  }

  struct FileBlock: Equatable {
    var track: Int
    var nanoseconds: Int64
    var isKey: Bool
    var frame: [UInt8]
  }

  var tracks: [FileTrack] = []
  var blocks: [FileBlock] = []
  var clusterCount = 0

  init(_ bytes: [UInt8]) throws {
    guard let head = EBMLElement(bytes, at: 0, limit: bytes.count), head.id == Matroska.ebml,
      let segment = EBMLElement(bytes, at: head.content.upperBound, limit: bytes.count), segment.id == Matroska.segment
    else { throw Unreadable() }
    for element in EBMLElement.list(bytes, in: segment.content) {
      switch element.id {
      case Matroska.tracks: tracks = EBMLElement.list(bytes, in: element.content).filter { $0.id == 0xAE }.map { Self.track(bytes, $0) }
      case Matroska.cluster: readCluster(bytes, element)
      default: break
      }
    }
  }

  private static func track(_ bytes: [UInt8], _ entry: EBMLElement) -> FileTrack {
    var track = FileTrack()
    for element in EBMLElement.list(bytes, in: entry.content) {
      switch element.id {
      case Matroska.trackNumber: track.number = Int(clamping: element.unsigned(bytes) ?? 0)
      case 0x86: track.codec = String(decoding: bytes[element.content], as: UTF8.self)
      case Matroska.codecPrivate: track.codecPrivate = Array(bytes[element.content])
      case Matroska.codecDelay: track.codecDelay = Int64(clamping: element.unsigned(bytes) ?? 0)
      case 0xE0:
        for detail in EBMLElement.list(bytes, in: element.content) {
          if detail.id == 0xB0 { track.width = Int(clamping: detail.unsigned(bytes) ?? 0) }
          if detail.id == 0xBA { track.height = Int(clamping: detail.unsigned(bytes) ?? 0) }
        }
      default: break
      }
    }
    return track
  }

  private mutating func readCluster(_ bytes: [UInt8], _ cluster: EBMLElement) {
    clusterCount += 1
    var time: Int64 = 0
    for element in EBMLElement.list(bytes, in: cluster.content) {
      switch element.id {
      case Matroska.timestamp: time = Int64(clamping: element.unsigned(bytes) ?? 0)
      case Matroska.simpleBlock: add(bytes, element, time, isKey: nil)
      case Matroska.blockGroup:
        let parts = EBMLElement.list(bytes, in: element.content)
        let references = parts.contains { $0.id == 0xFB }
        for block in parts where block.id == Matroska.block { add(bytes, block, time, isKey: !references) }
      default: break
      }
    }
  }

  private mutating func add(_ bytes: [UInt8], _ block: EBMLElement, _ time: Int64, isKey: Bool?) {
    let content = Array(bytes[block.content])
    guard content.count >= 4 else { return }
    let relative = Int64(Int16(bitPattern: UInt16(content[1]) << 8 | UInt16(content[2])))
    blocks.append(
      FileBlock(
        track: Int(content[0] & 0x7F), nanoseconds: (time &+ relative) &* 1_000_000, isKey: isKey ?? (content[3] & 0x80 != 0),
        frame: Array(content[4...])))
  }
}
