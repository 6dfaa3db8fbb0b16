internal import Model
internal import NIOCore

/// A unit record's body: 88 bytes of fixed fields, then as much of the payload as its file has room for; the rest follows in continuations.
///
/// ```
/// 0  epoch u64        16 pts i64        28 dts timescale i32 (0: none)   40 first arrival i64   56 capture i64 (min: none)   72 generation u32   77 flags u8
/// 8  number u64       24 pts timescale  32 dts i64                       48 arrival i64         64 position u64              76 track u8         80 payload bytes u32
/// ```
enum SpoolUnit {
  /// Size of the fixed fields.
  static let fixed = 88
  private static let noCapture = Int64.min

  /// Stores the fixed fields.
  /// - Parameter total: bytes of the whole payload.
  static func store(_ recorded: RecordedUnit, _ at: UnsafeMutableRawPointer, total: Int) {
    let unit = recorded.unit
    at.storeBytes(of: unit.id.epoch, as: UInt64.self)
    at.storeBytes(of: unit.id.number, toByteOffset: 8, as: UInt64.self)
    at.storeBytes(of: unit.pts.value, toByteOffset: 16, as: Int64.self)
    at.storeBytes(of: unit.pts.timescale, toByteOffset: 24, as: Int32.self)
    at.storeBytes(of: unit.dts?.timescale ?? 0, toByteOffset: 28, as: Int32.self)
    at.storeBytes(of: unit.dts?.value ?? 0, toByteOffset: 32, as: Int64.self)
    at.storeBytes(of: unit.firstArrival.nanoseconds, toByteOffset: 40, as: Int64.self)
    at.storeBytes(of: unit.arrival.nanoseconds, toByteOffset: 48, as: Int64.self)
    at.storeBytes(of: unit.capture?.wall.nanoseconds ?? noCapture, toByteOffset: 56, as: Int64.self)
    at.storeBytes(of: recorded.position, toByteOffset: 64, as: UInt64.self)
    at.storeBytes(of: unit.generation, toByteOffset: 72, as: UInt32.self)
    at.storeBytes(of: unit.track, toByteOffset: 76, as: UInt8.self)
    at.storeBytes(of: unit.flags.rawValue, toByteOffset: 77, as: UInt8.self)
    at.storeBytes(of: 0, toByteOffset: 78, as: UInt16.self)
    at.storeBytes(of: UInt32(clamping: total), toByteOffset: 80, as: UInt32.self)
    at.storeBytes(of: 0, toByteOffset: 84, as: UInt32.self)
  }

  /// Loads a unit with what its record has of the payload, and the bytes of the whole payload; nil for a body that cannot be one.
  static func load(_ body: UnsafeRawBufferPointer, origin: UnitOrigin) -> (recorded: RecordedUnit, total: UInt32)? {
    guard body.count >= fixed else { return nil }
    func load<T: BitwiseCopyable>(_ offset: Int, _ type: T.Type) -> T { body.loadUnaligned(fromByteOffset: offset, as: type) }
    let total = load(80, UInt32.self)
    guard Int(total) >= body.count - fixed else { return nil }
    let dtsScale = load(28, Int32.self)
    let capture = load(56, Int64.self)
    let unit = AccessUnit(
      id: AccessUnitID(origin: origin, epoch: load(0, UInt64.self), number: load(8, UInt64.self)), track: load(76, UInt8.self),
      pts: MediaTime(value: load(16, Int64.self), timescale: load(24, Int32.self)),
      dts: dtsScale > 0 ? MediaTime(value: load(32, Int64.self), timescale: dtsScale) : nil,
      firstArrival: BootTime(nanoseconds: load(40, Int64.self)), arrival: BootTime(nanoseconds: load(48, Int64.self)),
      capture: capture == noCapture ? nil : CaptureTime(wall: WallTime(nanoseconds: capture), source: .rtcpSenderReport),
      generation: load(72, UInt32.self), flags: AccessUnit.Flags(rawValue: load(77, UInt8.self)),
      payload: ByteBuffer(bytes: body[fixed...]))
    return (RecordedUnit(unit: unit, position: load(64, UInt64.self)), total)
  }
}
