public import Model

/// Looking and listening: background work, so that first pictures never wait for it.
extension DecodePool: ContentDecoder {
  /// Decodes units from a key unit on and looks at their pictures.
  /// - Throws: ``Fault`` `.workerBusy`, `.workerDied`, or `.decodeFailed` for sound, no units, or units that no picture came of.
  public func look(at units: [AccessUnit], of track: Track) async throws -> DecodedLooks {
    guard track.codec.isVideo, !units.isEmpty else { throw Fault(.decodeFailed, "not a picture: \(track.codec.rawValue)") }
    let result = try await run(isBackground: true, read: LookResult.read) { LookRequest(id: $0, units: units, track: track).frame }
    guard result.ok else { throw Fault(.decodeFailed, result.reason) }
    return DecodedLooks(looks: result.looks, cost: Nanoseconds(result.decodeNanoseconds))
  }

  /// Decodes units of sound and measures how loud they are.
  /// - Parameter preroll: so many units at the beginning only bring the decoder into step.
  /// - Throws: ``Fault`` `.workerBusy`, `.workerDied`, or `.decodeFailed`.
  public func listen(to units: [AccessUnit], of track: Track, preroll: Int) async throws -> DecodedSound {
    guard !track.codec.isVideo, (0..<units.count).contains(preroll) else { throw Fault(.decodeFailed, "no sound: \(track.codec.rawValue)") }
    let result = try await run(isBackground: true, read: ListenResult.read) {
      ListenRequest(id: $0, units: units, track: track, preroll: preroll).frame
    }
    guard result.ok else { throw Fault(.decodeFailed, result.reason) }
    return result.sound
  }
}
