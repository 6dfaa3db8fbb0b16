internal import Model
internal import NIOCore

/// One picture to be decoded: a key frame, or one with the units since a recovery point that it needs.
struct DecodeRequest: Sendable, Equatable {
  /// The relay's number for the job; comes back in the result.
  var id: Int64
  var codec: Codec
  /// ``AccessUnitID`` as text, for logs.
  var unit: String
  /// Boot time of the unit's last packet, nanoseconds.
  var arrival: Int64
  /// The units before it from a recovery point on, in decoding order, parameter sets before the first; none for a key frame.
  var lead: [ByteBuffer] = []
  /// Parameter sets, where there is no lead, and the unit's NAL units, each with its length before it, four bytes big-endian.
  var bytes: ByteBuffer

  var frame: WorkerFrame {
    var json: [String: JSON] = [
      "id": .int(id), "work": "decode", "codec": .string(codec.rawValue), "unit": .string(unit), "arrivalNs": .int(arrival),
    ]
    guard !lead.isEmpty else { return WorkerFrame(.job, json: JSON.object(json).text, bytes: bytes) }
    json["units"] = UnitList.lengths(lead + [bytes])
    return WorkerFrame(.job, json: JSON.object(json).text, bytes: UnitList.joined(lead + [bytes]))
  }

  init(id: Int64, codec: Codec, unit: String, arrival: Int64, bytes: ByteBuffer) {
    self.id = id
    self.codec = codec
    self.unit = unit
    self.arrival = arrival
    self.bytes = bytes
  }

  /// A unit with its track's parameter sets put before it.
  init(id: Int64, unit: AccessUnit, track: Track) {
    let bytes = DecodeRequest.bytes(unit.payload, parameters: track.parameters)
    self.init(id: id, codec: track.codec, unit: unit.id.description, arrival: unit.arrival.nanoseconds, bytes: bytes)
  }

  /// Units from a recovery point on; the last is the picture that is wanted.
  init?(id: Int64, run: [AccessUnit], track: Track) {
    guard let first = run.first, let last = run.last else { return nil }
    self.init(id: id, unit: last, track: track)
    guard run.count > 1 else { return }
    lead = [DecodeRequest.bytes(first.payload, parameters: track.parameters)] + run.dropFirst().dropLast().map(\.payload)
    bytes = last.payload
  }

  /// A unit's NAL units with parameter sets before them.
  static func bytes(_ payload: ByteBuffer, parameters: CodecParameters?) -> ByteBuffer {
    var bytes = ByteBufferAllocator().buffer(capacity: payload.readableBytes + 256)
    for set in parameterSets(parameters) {
      bytes.writeInteger(UInt32(clamping: set.count))
      bytes.writeBytes(set)
    }
    bytes.writeImmutableBuffer(payload)
    return bytes
  }

  /// Nil for anything but a decode job that is understood.
  init?(_ frame: WorkerFrame) {
    guard frame.kind == .job, let parts = frame.parts, let json = try? JSON(parsing: parts.json.readableBytesView),
      let id = json["id"]?.intValue, json["work"]?.stringValue == "decode",
      let codec = json["codec"]?.stringValue.flatMap(Codec.init(rawValue:)), codec.isVideo
    else { return nil }
    self.init(
      id: id, codec: codec, unit: json["unit"]?.stringValue ?? "", arrival: json["arrivalNs"]?.intValue ?? 0, bytes: parts.bytes)
    guard let lengths = json["units"] else { return }
    guard var units = UnitList.split(parts.bytes, lengths: lengths), let last = units.popLast() else { return nil }
    (lead, bytes) = (units, last)
  }

  private static func parameterSets(_ parameters: CodecParameters?) -> [[UInt8]] {
    switch parameters {
    case .h264(let sps, let pps): sps + pps
    case .h265(let vps, let sps, let pps): vps + sps + pps
    default: []
    }
  }
}
