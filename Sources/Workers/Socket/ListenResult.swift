internal import Model
internal import NIOCore

/// What a worker found in the units of a listen job.
struct ListenResult: Sendable, Equatable {
  var ok: Bool
  var reason: String
  var sound: DecodedSound

  static func failed(_ reason: String) -> ListenResult {
    let nothing = DecodedSound(peakMilliDecibel: -200_000, firstLoud: nil, lastLoud: nil, length: .zero, cost: .zero)
    return ListenResult(ok: false, reason: reason, sound: nothing)
  }

  func frame(id: Int64) -> WorkerFrame {
    let json: JSON = [
      "id": .int(id), "ok": .bool(ok), "reason": .string(reason), "decodeNs": .int(sound.cost.value),
      "peakMilliDecibel": .int(sound.peakMilliDecibel), "firstLoudNs": .int(sound.firstLoud?.value ?? -1),
      "lastLoudNs": .int(sound.lastLoud?.value ?? -1), "lengthNs": .int(sound.length.value),
    ]
    return WorkerFrame(.result, json: json.text, bytes: ByteBuffer())
  }

  /// A result and the id of its job; nil for anything else.
  static func read(_ frame: WorkerFrame) -> (id: Int64, result: ListenResult)? {
    guard frame.kind == .result, let parts = frame.parts, let json = try? JSON(parsing: parts.json.readableBytesView),
      let id = json["id"]?.intValue, let ok = json["ok"]?.boolValue, let peak = json["peakMilliDecibel"]?.intValue,
      let first = json["firstLoudNs"]?.intValue, let last = json["lastLoudNs"]?.intValue, let length = json["lengthNs"]?.intValue, length >= 0
    else { return nil }
    func time(_ value: Int64) -> Nanoseconds? { value < 0 ? nil : Nanoseconds(value) }
    let sound = DecodedSound(
      peakMilliDecibel: max(-200_000, peak), firstLoud: time(first), lastLoud: time(last), length: Nanoseconds(length),
      cost: Nanoseconds(max(0, json["decodeNs"]?.intValue ?? 0)))
    return (id, ListenResult(ok: ok, reason: json["reason"]?.stringValue ?? "", sound: sound))
  }
}
