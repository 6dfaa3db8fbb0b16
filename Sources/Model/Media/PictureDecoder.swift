public import NIOCore

/// Somebody who decodes one key unit and says what is to be seen in it: the worker pool, or a test's stand-in.
public protocol PictureDecoder: Sendable {
  /// - Parameter unit: a complete key unit.
  /// - Parameter track: its track, with the parameter sets that decode it.
  /// - Throws: ``Fault`` with `.decodeFailed`, `.workerDied` or `.workerBusy`.
  func decode(_ unit: AccessUnit, of track: Track) async throws -> DecodedPicture
  /// The same for a stream without key units.
  /// - Parameter run: complete units from a recovery point on, in decoding order, not empty; the picture is that of the last.
  func decode(run: [AccessUnit], of track: Track) async throws -> DecodedPicture
}

extension PictureDecoder {
  /// By the last unit alone: for decoders that look at no pixels.
  public func decode(run: [AccessUnit], of track: Track) async throws -> DecodedPicture {
    guard let last = run.last else { throw Fault(.decodeFailed, "no units") }
    return try await decode(last, of: track)
  }
}

/// A decoded key frame (measurement.md §4.3).
public struct DecodedPicture: Sendable {
  /// Pixels, as shown.
  public var width: Int
  /// Pixels, as shown.
  public var height: Int
  /// The picture itself, for the snapshot.
  public var jpeg: ByteBuffer
  /// Lower-case hexadecimal SHA-256 of the JPEG's bytes, and of the unit's VCL NAL units.
  public var jpegSHA256: String
  /// Of the slices alone, so that both ends of a link find the same (measurement.md §4).
  public var vclSHA256: String
  /// Neither black nor flat: only such a picture counts.
  public var visible: Bool
  /// A dark scene that counts all the same.
  public var dark: Bool
  /// Mean luma in thousandths of full scale.
  public var lumaMeanMilli: Int

  public init(
    width: Int, height: Int, jpeg: ByteBuffer, jpegSHA256: String, vclSHA256: String, visible: Bool, dark: Bool, lumaMeanMilli: Int
  ) {
    self.width = width
    self.height = height
    self.jpeg = jpeg
    self.jpegSHA256 = jpegSHA256
    self.vclSHA256 = vclSHA256
    self.visible = visible
    self.dark = dark
    self.lumaMeanMilli = lumaMeanMilli
  }
}
