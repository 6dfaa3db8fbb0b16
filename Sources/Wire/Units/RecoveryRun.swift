public import Model
internal import NIOCore

/// The pictures from a recovery point on, until one is right: what a decoder must be given where no key picture comes.
public struct RecoveryRun: Sendable {
  private let codec: Codec
  /// Pictures that are still missing.
  private var left: Int

  /// Nil when the unit has no recovery point, or one behind which pictures are only near what the encoder meant.
  public init?(start unit: AccessUnit, codec: Codec) {
    self.codec = codec
    let headerLength = codec == .h264 ? 1 : 2
    var found: RecoveryPoint?
    for nal in unit.nalUnits {
      nal.withUnsafeReadableBytes { bytes in
        guard found == nil, let header = bytes.first, RecoveryRun.isPrefixSEI(header, codec) else { return }
        found = RecoveryPoint(sei: bytes, headerLength: headerLength)
      }
    }
    guard let found, found.isExact else { return nil }
    left = found.pictures
  }

  /// Whether the newest picture is right, if all since the recovery point were whole.
  public var isRight: Bool { left <= 0 }

  /// The next picture in decoding order. H.264 counts those that others refer to.
  public mutating func add(_ unit: AccessUnit) {
    var isReference = codec != .h264
    if !isReference {
      forEachVCLBytes(unit, codec: codec) { if let header = $0.first, header & 0x60 != 0 { isReference = true } }
    }
    if isReference { left &-= 1 }
  }

  private static func isPrefixSEI(_ header: UInt8, _ codec: Codec) -> Bool {
    codec == .h264
      ? H264NALType(header: header) == .supplementalEnhancement : H265NALType(header: header) == .supplementalEnhancement
  }
}
