internal import Model
internal import NIOCore

/// Units to be decoded and looked at, from a key unit on.
struct LookRequest: Sendable, Equatable {
  var id: Int64
  var codec: Codec
  /// In decode order, each with its NAL units as in ``AccessUnit/payload``; parameter sets before the first one's.
  var units: [ByteBuffer]
  /// Each unit's place in order of presentation: a permutation of 0….
  var order: [Int]

  init(id: Int64, codec: Codec, units: [ByteBuffer], order: [Int]) {
    self.id = id
    self.codec = codec
    self.units = units
    self.order = order
  }

  init(id: Int64, units: [AccessUnit], track: Track) {
    var payloads = units.map(\.payload)
    if let first = payloads.first { payloads[0] = DecodeRequest.bytes(first, parameters: track.parameters) }
    var order = [Int](repeating: 0, count: units.count)
    let shown = units.indices.sorted { (units[$0].pts.nanoseconds, $0) < (units[$1].pts.nanoseconds, $1) }
    for (place, position) in shown.enumerated() { order[position] = place }
    self.init(id: id, codec: track.codec, units: payloads, order: order)
  }

  var frame: WorkerFrame {
    let json: JSON = [
      "id": .int(id), "work": "look", "codec": .string(codec.rawValue), "units": UnitList.lengths(units),
      "order": .array(order.map { .int(Int64($0)) }),
    ]
    return WorkerFrame(.job, json: json.text, bytes: UnitList.joined(units))
  }

  /// Nil for anything but a look job that is understood.
  init?(_ frame: WorkerFrame) {
    guard frame.kind == .job, let parts = frame.parts, let json = try? JSON(parsing: parts.json.readableBytesView), let id = json["id"]?.intValue,
      json["work"]?.stringValue == "look", let codec = json["codec"]?.stringValue.flatMap(Codec.init(rawValue:)), codec.isVideo,
      let units = UnitList.split(parts.bytes, lengths: json["units"]), let order = json["order"]?.arrayValue?.compactMap(\.intValue),
      order.sorted() == (0..<Int64(units.count)).map({ $0 })
    else { return nil }
    self.init(id: id, codec: codec, units: units, order: order.map { Int($0) })
  }
}
