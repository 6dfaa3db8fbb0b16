internal import Model
internal import NIOCore

/// What a worker saw in the units of a look job.
struct LookResult: Sendable, Equatable {
  static let thumbnailBytes = 64 * 36

  var ok: Bool
  var reason: String
  /// In order of presentation.
  var looks: [FrameLook]
  var decodeNanoseconds: Int64

  static func failed(_ reason: String) -> LookResult { LookResult(ok: false, reason: reason, looks: [], decodeNanoseconds: 0) }

  func frame(id: Int64) -> WorkerFrame {
    var bytes = ByteBufferAllocator().buffer(capacity: looks.count * LookResult.thumbnailBytes)
    for look in looks { bytes.writeBytes(look.thumbnail) }
    let json: JSON = [
      "id": .int(id), "ok": .bool(ok), "reason": .string(reason), "decodeNs": .int(decodeNanoseconds),
      "looks": .array(looks.map { [.int(Int64($0.position)), .int($0.darkPerMille), .int($0.variancePPM)] }),
    ]
    return WorkerFrame(.result, json: json.text, bytes: bytes)
  }

  /// A result and the id of its job; nil for anything else.
  static func read(_ frame: WorkerFrame) -> (id: Int64, result: LookResult)? {
    guard frame.kind == .result, let parts = frame.parts, let json = try? JSON(parsing: parts.json.readableBytesView),
      let id = json["id"]?.intValue, let ok = json["ok"]?.boolValue, let entries = json["looks"]?.arrayValue, entries.count <= UnitList.most,
      parts.bytes.readableBytes == entries.count * thumbnailBytes
    else { return nil }
    var rest = parts.bytes
    var looks: [FrameLook] = []
    for entry in entries {
      guard let values = entry.arrayValue, values.count >= 3, let position = values[0].intValue, (0..<Int64(UnitList.most)).contains(position),
        let dark = values[1].intValue, (0...1000).contains(dark), let variance = values[2].intValue, variance >= 0,
        let thumbnail = rest.readBytes(length: thumbnailBytes)
      else { return nil }
      looks.append(FrameLook(position: Int(position), darkPerMille: dark, variancePPM: variance, thumbnail: thumbnail))
    }
    let result = LookResult(
      ok: ok, reason: json["reason"]?.stringValue ?? "", looks: looks, decodeNanoseconds: max(0, json["decodeNs"]?.intValue ?? 0))
    return (id, result)
  }
}
