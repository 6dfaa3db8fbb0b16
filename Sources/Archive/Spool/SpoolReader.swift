internal import Model
internal import NIOCore

/// Reads spool files back: trap-free on any bytes, and ends at the first record that does not check.
enum SpoolReader {
  /// What one run of a stream's spool holds.
  struct Contents: Sendable {
    var header: SpoolHeader
    var items: [RecordedItem]
    /// A file of the chain is missing, or a unit was cut off by the crash.
    var hasHole: Bool
  }

  /// Reads the files of one run, in any order; files of other runs are passed over. Nil when none is a spool file.
  static func read(_ files: [UnsafeRawBufferPointer]) -> Contents? {
    var found = files.compactMap { bytes in SpoolHeader(bytes).map { (header: $0, bytes: bytes) } }
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

    /// What continues a unit will not come.
    mutating func breakOff() {
      if open != nil { holes += 1 }
      open = nil
    }

    mutating func read(_ bytes: UnsafeRawBufferPointer, _ header: SpoolHeader) {
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
        guard let stream, let unit = SpoolUnit.load(body, origin: stream.origin) else { return }
        let missing = Int(unit.total) - unit.recorded.unit.payload.readableBytes
        if missing > 0 { open = (unit.recorded, missing) } else { items.append(.unit(unit.recorded)) }
      case .continuation: goOn(body)
      case .interrupted, .ended:
        guard body.count == 8 else { return }
        let time = BootTime(nanoseconds: body.loadUnaligned(as: Int64.self))
        items.append(kind == .ended ? .ended(time) : .interrupted(time))
      }
    }

    private mutating func goOn(_ body: UnsafeRawBufferPointer) {
      guard var (unit, missing) = open, body.count <= missing else { return breakOff() }
      unit.unit.payload.writeBytes(body)
      missing -= body.count
      open = missing > 0 ? (unit, missing) : nil
      if missing == 0 { items.append(.unit(unit)) }
    }
  }
}
