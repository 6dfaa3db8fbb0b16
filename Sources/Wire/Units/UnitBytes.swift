internal import NIOCore

/// The bytes of the unit that is being built: each NAL unit behind four bytes of length. Memory is allocated once a unit, at its first NAL unit.
struct UnitBytes: Sendable {
  /// Room that is made at once, whatever the unit before was.
  private static let mostRoom = 1 << 20

  /// What came so far, where it stays: the unit's payload. It reads and writes from 0.
  private(set) var bytes = ByteBuffer()
  /// It grew beyond ``VideoUnitBuilder/maximumUnitLength``: its bytes are gone.
  private(set) var isOversize = false
  /// Where the length of the NAL unit lies whose fragments are coming; nil while none is open.
  private(set) var fragmentStart: Int?
  /// Sizes of the last units, so that the next one's room is there at once.
  private var lastSize = 0
  private var lastKeySize = 0

  var isEmpty: Bool { bytes.readableBytes == 0 }

  /// Begins another unit.
  mutating func begin() {
    if bytes.capacity > 0 { bytes = ByteBuffer() }
    isOversize = false
    fragmentStart = nil
  }

  // MARK: NAL units

  mutating func append(_ nal: UnsafeRawBufferPointer) {
    guard fits(nal.count) else { return }
    makeRoom()
    bytes.writeInteger(UInt32(truncatingIfNeeded: nal.count))
    write(nal)
  }

  /// Appends NAL units that have their lengths before them already.
  mutating func append(prefixed more: ByteBuffer) {
    guard fits(more.readableBytes) else { return }
    bytes.writeImmutableBuffer(more)
  }

  /// Begins a NAL unit whose bytes come in fragments; its length is written when it ends.
  mutating func beginFragment(header: UInt8, second: UInt8?, _ fragment: UnsafeRawBufferPointer, isKey: Bool) {
    guard fits(fragment.count) else { return }
    makeRoom()
    fragmentStart = bytes.writerIndex
    if isKey { bytes.reserveCapacity(min(lastKeySize, UnitBytes.mostRoom)) }
    bytes.writeInteger(UInt32(0))
    bytes.writeInteger(header)
    if let second { bytes.writeInteger(second) }
    write(fragment)
  }

  mutating func continueFragment(_ fragment: UnsafeRawBufferPointer) {
    guard fits(fragment.count) else { return }
    write(fragment)
  }

  /// Ends the fragmented NAL unit, whole or cut.
  /// - Returns: where its bytes lie in ``bytes``; nil when none was open.
  @discardableResult
  mutating func endFragment() -> Range<Int>? {
    guard let start = fragmentStart else { return nil }
    fragmentStart = nil
    bytes.setInteger(UInt32(truncatingIfNeeded: bytes.writerIndex &- start &- 4), at: start)
    return start &+ 4..<bytes.writerIndex
  }

  /// Takes the last NAL unit out again, length and all.
  /// - Parameter range: of its bytes, as ``endFragment()`` gave it.
  mutating func removeLast(_ range: Range<Int>) {
    guard range.upperBound == bytes.writerIndex, range.lowerBound >= 4 else { return }
    bytes.moveWriterIndex(to: range.lowerBound &- 4)
  }

  // MARK: The end

  /// The payload; nothing is left here. One that came to less than a quarter of the room is copied: units are kept for seconds.
  mutating func removePayload(isKey: Bool) -> ByteBuffer {
    var payload = ByteBuffer()
    swap(&payload, &bytes)
    if isKey { lastKeySize = payload.readableBytes } else { lastSize = payload.readableBytes }
    if payload.capacity / 4 >= payload.readableBytes { payload.shrinkBufferCapacity(to: payload.readableBytes) }
    return payload
  }

  // MARK: Room

  private mutating func makeRoom() {
    guard bytes.capacity == 0 else { return }
    bytes = ByteBufferAllocator().buffer(capacity: min(max(lastSize, 512), UnitBytes.mostRoom))
  }

  private mutating func write(_ more: UnsafeRawBufferPointer) {
    bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: more.count) { room in
      room.copyMemory(from: more)
      return more.count
    }
  }

  private mutating func fits(_ count: Int) -> Bool {
    guard !isOversize, bytes.writerIndex &+ count &+ 6 <= VideoUnitBuilder.maximumUnitLength else {
      isOversize = true
      fragmentStart = nil
      bytes = ByteBuffer()
      return false
    }
    return true
  }
}
