internal import Model
internal import NIOCore

/// Reads spool files back: trap-free on any bytes, and ends at the first record that does not check.
enum SpoolReader {
  struct Header: Sendable, Equatable {
    var name: StreamName
    var id: String
    var node: String
    var boot: String
    var run: UInt64
    var index: UInt64
    /// Both clocks when the file was taken.
    var reading: ClockReading
  }

  /// What one run of a stream's spool holds.
  struct Contents: Sendable {
    var header: Header
    var items: [RecordedItem]
    /// A file of the chain is missing, or a unit was cut off by the crash.
    var hasHole: Bool
  }

  /// Nil for a free or foreign file.
  static func header(_ bytes: UnsafeRawBufferPointer) -> Header? {
    guard bytes.count >= SpoolLayout.headerBytes, bytes.loadUnaligned(as: UInt64.self) == SpoolLayout.magic else { return nil }
    let length = Int(bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    guard length <= SpoolLayout.headerBytes - SpoolLayout.headerText else { return nil }
    let text = UnsafeRawBufferPointer(rebasing: bytes[SpoolLayout.headerText..<SpoolLayout.headerText + length])
    let check = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
    guard SpoolCheck.compute(text, seed: SpoolLayout.magic) == check, let json = try? JSON(parsing: text), json["v"] == 1,
      let name = json["stream"]?.stringValue.flatMap({ StreamName($0) }), let id = json["id"]?.stringValue,
      let node = json["node"]?.stringValue, let boot = json["boot"]?.stringValue,
      let run = json["run"]?.stringValue.flatMap({ UInt64($0, radix: 16) }),
      let index = json["index"]?.intValue.flatMap({ UInt64(exactly: $0) }),
      let bootNs = json["bootNs"]?.intValue, let wallNs = json["wallNs"]?.intValue
    else { return nil }
    let reading = ClockReading(boot: BootTime(nanoseconds: bootNs), kernel: KernelTime(nanoseconds: wallNs))
    return Header(name: name, id: id, node: node, boot: boot, run: run, index: index, reading: reading)
  }

  /// Reads the files of one run, in any order.
  static func read(_ files: [UnsafeRawBufferPointer]) -> Contents? {
    var found = files.compactMap { bytes in header(bytes).map { (header: $0, bytes: bytes) } }
    found.sort { $0.header.index < $1.header.index }
    guard let first = found.first?.header else { return nil }
    var parser = Parser()
    var expected = first.index
    for (header, bytes) in found where header.run == first.run && header.id == first.id {
      if header.index != expected { parser.breakOff() }
      parser.read(bytes, header)
      expected = header.index &+ 1
    }
    parser.breakOff()
    return Contents(header: first, items: parser.items, hasHole: parser.holes > 0)
  }

  private struct Parser {
    var items: [RecordedItem] = []
    var holes = 0
    private var stream: RecordedStream?
    /// A unit whose payload continues in the next record.
    private var open: (unit: RecordedUnit, missing: Int)?

    mutating func breakOff() {
      if open != nil { holes += 1 }
      open = nil
    }

    mutating func read(_ bytes: UnsafeRawBufferPointer, _ header: Header) {
      var at = SpoolLayout.headerBytes
      while bytes.count - at >= SpoolLayout.recordHeader {
        let rawKind = bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)
        let length = bytes.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self)
        let check = bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self)
        let start = at + SpoolLayout.recordHeader
        guard let kind = SpoolLayout.Kind(rawValue: rawKind), Int(length) <= bytes.count - start else { return }
        let body = UnsafeRawBufferPointer(rebasing: bytes[start..<start + Int(length)])
        let seed = SpoolLayout.seed(run: header.run, index: header.index, offset: at, kind: rawKind, length: length)
        guard SpoolCheck.compute(body, seed: seed) == check else { return }
        apply(kind, body)
        at = SpoolLayout.padded(start + Int(length))
      }
    }

    private mutating func apply(_ kind: SpoolLayout.Kind, _ body: UnsafeRawBufferPointer) {
      switch kind {
      case .described:
        guard let json = try? JSON(parsing: body), let next = RecordedStream(json) else { return }
        if next != stream { items.append(.described(next)) }
        stream = next
      case .unit:
        breakOff()
        guard let stream, let unit = SpoolReader.unit(body, origin: stream.origin) else { return }
        let missing = Int(unit.total) - unit.recorded.unit.payload.readableBytes
        if missing > 0 { open = (unit.recorded, missing) } else { items.append(.unit(unit.recorded)) }
      case .continuation:
        guard var (unit, missing) = open, body.count <= missing else { return breakOff() }
        unit.unit.payload.writeBytes(body)
        missing -= body.count
        open = missing > 0 ? (unit, missing) : nil
        if missing == 0 { items.append(.unit(unit)) }
      case .interrupted, .ended:
        guard body.count == 8 else { return }
        let time = BootTime(nanoseconds: body.loadUnaligned(as: Int64.self))
        items.append(kind == .ended ? .ended(time) : .interrupted(time))
      }
    }
  }

  private static func unit(_ body: UnsafeRawBufferPointer, origin: UnitOrigin) -> (recorded: RecordedUnit, total: UInt32)? {
    guard body.count >= SpoolLayout.unitFixed else { return nil }
    func load<T: BitwiseCopyable>(_ offset: Int, _ type: T.Type) -> T { body.loadUnaligned(fromByteOffset: offset, as: type) }
    let total = load(80, UInt32.self)
    guard Int(total) >= body.count - SpoolLayout.unitFixed else { return nil }
    let dtsScale = load(28, Int32.self)
    let capture = load(56, Int64.self)
    let payload = ByteBuffer(bytes: body[SpoolLayout.unitFixed...])
    let unit = AccessUnit(
      id: AccessUnitID(origin: origin, epoch: load(0, UInt64.self), number: load(8, UInt64.self)), track: load(76, UInt8.self),
      pts: MediaTime(value: load(16, Int64.self), timescale: load(24, Int32.self)),
      dts: dtsScale > 0 ? MediaTime(value: load(32, Int64.self), timescale: dtsScale) : nil,
      firstArrival: BootTime(nanoseconds: load(40, Int64.self)), arrival: BootTime(nanoseconds: load(48, Int64.self)),
      capture: capture == SpoolLayout.noCapture ? nil : CaptureTime(wall: WallTime(nanoseconds: capture), source: .rtcpSenderReport),
      generation: load(72, UInt32.self), flags: AccessUnit.Flags(rawValue: load(77, UInt8.self)), payload: payload)
    return (RecordedUnit(unit: unit, position: load(64, UInt64.self)), total)
  }
}
