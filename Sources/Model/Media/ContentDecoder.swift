/// Somebody who decodes pictures and sound for the probes of what a stream shows: the worker pool, or a test's stand-in. Such work waits behind every
/// first picture (``PictureDecoder``).
public protocol ContentDecoder: Sendable {
  /// - Parameter units: in decode order, the first a key unit.
  /// - Throws: ``Fault`` with `.decodeFailed`, `.workerDied` or `.workerBusy`.
  func look(at units: [AccessUnit], of track: Track) async throws -> DecodedLooks
  /// - Parameters:
  ///   - units: of an audio track, back to back.
  ///   - preroll: how many of them only bring the decoder into step and are not listened to.
  func listen(to units: [AccessUnit], of track: Track, preroll: Int) async throws -> DecodedSound
}

/// What is to be seen in pictures (measurement.md §2).
public struct DecodedLooks: Sendable {
  /// In order of presentation; a picture that could not be decoded is left out.
  public var looks: [FrameLook]
  /// What it cost the worker.
  public var cost: Nanoseconds

  public init(looks: [FrameLook], cost: Nanoseconds) {
    self.looks = looks
    self.cost = cost
  }
}

/// One picture, reduced to what black, dark and frozen are concluded from. Luma with the picture's range (16–235 or 0–255) removed.
public struct FrameLook: Hashable, Sendable {
  /// Position of its unit in what was given to decode.
  public var position: Int
  /// Pixels with a luma of at most 0.10, in thousandths of all, rounded down.
  public var darkPerMille: Int64
  /// Millionths of full scale squared, rounded down.
  public var variancePPM: Int64
  /// 64 × 36 means of luma, row by row, 255 being full scale; sizes that do not divide are cut as evenly as whole pixels allow.
  public var thumbnail: [UInt8]

  public init(position: Int, darkPerMille: Int64, variancePPM: Int64, thumbnail: [UInt8]) {
    self.position = position
    self.darkPerMille = darkPerMille
    self.variancePPM = variancePPM
    self.thumbnail = thumbnail
  }
}

/// What is audible in a stretch of sound. Instants are media time since the first unit that was listened to.
public struct DecodedSound: Hashable, Sendable {
  /// Largest magnitude of a sample in thousandths of a dBFS, rounded down, at least −200 000.
  public var peakMilliDecibel: Int64
  /// The first and the last sample of at least −50 dBFS; nil when all is quieter.
  public var firstLoud: Nanoseconds?
  /// See ``firstLoud``.
  public var lastLoud: Nanoseconds?
  /// Of the sound that was listened to.
  public var length: Nanoseconds
  /// Of the worker's CPU.
  public var cost: Nanoseconds

  public init(peakMilliDecibel: Int64, firstLoud: Nanoseconds?, lastLoud: Nanoseconds?, length: Nanoseconds, cost: Nanoseconds) {
    self.peakMilliDecibel = peakMilliDecibel
    self.firstLoud = firstLoud
    self.lastLoud = lastLoud
    self.length = length
    self.cost = cost
  }
}
