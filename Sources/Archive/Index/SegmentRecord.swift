internal import Crypto
public import Model

/// One recorded segment as index, fact and chain hold it: written once, never changed.
public struct SegmentRecord: Sendable, Hashable {
  /// The stream that was recorded.
  public var stream: StreamName
  /// The stream's folder below `DATA/archive`: made of a hash of the name, never of the name.
  public var id: String
  /// 1… within the stream.
  public var sequence: Int64
  /// The publication that its first unit is of.
  public var session: String
  /// Below `DATA/archive`.
  public var file: String
  /// The boot that ``start`` and ``end`` belong to; `unknown` for a segment whose spool was lost.
  public var boot: String
  /// Arrival of the first unit's first packet.
  public var start: BootTime
  /// Arrival of the last unit.
  public var end: BootTime
  /// Wall-clock label of ``start``.
  public var startWall: WallTime
  /// Wall-clock label of ``end``.
  public var endWall: WallTime
  /// How far the wall labels may be off, when known.
  public var uncertainty: Nanoseconds?
  /// Pictures; audio frames where there is no video.
  public var frames: Int64
  /// Access units of all tracks.
  public var units: Int64
  /// Size of the file.
  public var bytes: Int64
  /// Bytes of the units themselves: equal to what was ingested.
  public var payloadBytes: Int64
  /// Of its tracks, pictures before sound.
  public var codecs: [Codec]
  /// Decoding can start at the first picture.
  public var startsWithKey: Bool
  /// Made at a start from what a killed relay had left.
  public var isRecovered: Bool
  /// SHA-256 of the file.
  public var sha256: String
  /// ``hash`` of the stream's segment before; 64 zeros for the first.
  public var previous: String

  /// ``previous`` of a stream's first segment: 64 zeros.
  public static let zeroHash = String(repeating: "0", count: 64)

  var fields: [String: JSON] {
    [
      "format": 1, "stream": .string(stream.path), "id": .string(id), "segment": .int(sequence), "session": .string(session),
      "file": .string(file),
      "segmentBoot": .string(boot), "startNs": .int(start.nanoseconds), "endNs": .int(end.nanoseconds),
      "startWall": .string(startWall.description), "endWall": .string(endWall.description),
      "uncertaintyNs": uncertainty.map { .int($0.value) } ?? .null, "frames": .int(frames), "units": .int(units), "bytes": .int(bytes),
      "payloadBytes": .int(payloadBytes), "codecs": .array(codecs.map { .string($0.rawValue) }), "startsWithKey": .bool(startsWithKey),
      "recovered": .bool(isRecovered), "sha256": .string(sha256), "previous": .string(previous),
    ]
  }

  /// The record as the index keeps it and the `segment.committed` fact has it: canonical JSON. No name is one of the journal envelope's.
  /// ``hash`` is SHA-256 of the text and a LF.
  public var json: JSON { .object(fields) }

  /// What the next segment's ``previous`` and the signed head name.
  public var hash: String { SegmentRecord.hash(of: json.text) }

  static func hash(of text: String) -> String { Hex.encode(SHA256.hash(data: Array((text + "\n").utf8))) }

  /// Nil for anything but a whole record of format 1.
  public init?(_ json: JSON) {
    guard json["format"] == 1, let stream = json["stream"]?.stringValue.flatMap({ StreamName($0) }), let id = json["id"]?.stringValue,
      let sequence = json["segment"]?.intValue, let session = json["session"]?.stringValue, let file = json["file"]?.stringValue,
      let boot = json["segmentBoot"]?.stringValue, let start = json["startNs"]?.intValue, let end = json["endNs"]?.intValue,
      let startWall = json["startWall"]?.stringValue.flatMap({ WallTime($0) }),
      let endWall = json["endWall"]?.stringValue.flatMap({ WallTime($0) }), let frames = json["frames"]?.intValue,
      let units = json["units"]?.intValue, let bytes = json["bytes"]?.intValue, let payloadBytes = json["payloadBytes"]?.intValue,
      let codecs = json["codecs"]?.arrayValue, let startsWithKey = json["startsWithKey"]?.boolValue,
      let isRecovered = json["recovered"]?.boolValue, let sha256 = json["sha256"]?.stringValue, let previous = json["previous"]?.stringValue
    else { return nil }
    self.init(
      stream: stream, id: id, sequence: sequence, session: session, file: file, boot: boot, start: BootTime(nanoseconds: start),
      end: BootTime(nanoseconds: end), startWall: startWall, endWall: endWall,
      uncertainty: json["uncertaintyNs"]?.intValue.map { Nanoseconds($0) }, frames: frames, units: units, bytes: bytes,
      payloadBytes: payloadBytes, codecs: codecs.compactMap { $0.stringValue.flatMap(Codec.init) }, startsWithKey: startsWithKey,
      isRecovered: isRecovered, sha256: sha256, previous: previous)
  }

  init(
    stream: StreamName, id: String, sequence: Int64, session: String, file: String, boot: String, start: BootTime, end: BootTime,
    startWall: WallTime, endWall: WallTime, uncertainty: Nanoseconds?, frames: Int64, units: Int64, bytes: Int64, payloadBytes: Int64,
    codecs: [Codec], startsWithKey: Bool, isRecovered: Bool, sha256: String, previous: String
  ) {
    self.stream = stream
    self.id = id
    self.sequence = sequence
    self.session = session
    self.file = file
    self.boot = boot
    self.start = start
    self.end = end
    self.startWall = startWall
    self.endWall = endWall
    self.uncertainty = uncertainty
    self.frames = frames
    self.units = units
    self.bytes = bytes
    self.payloadBytes = payloadBytes
    self.codecs = codecs
    self.startsWithKey = startsWithKey
    self.isRecovered = isRecovered
    self.sha256 = sha256
    self.previous = previous
  }
}
