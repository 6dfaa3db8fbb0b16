internal import Model
internal import NIOCore

/// The video unit that is being put together.
struct OpenUnit: Sendable {
  var isOpen = false
  var time: Int64 = 0
  var firstArrival = BootTime(nanoseconds: 0)
  var arrival = BootTime(nanoseconds: 0)
  var unitID: (epoch: UInt64, number: UInt64)?
  /// Packets of it are known to be missing, or a NAL unit was malformed.
  var isDamaged = false
  var hasVCL = false
  var isKey = false
  /// Its key picture is one that skipped leading pictures may follow.
  var allowsSkippedLeading = false
  /// All its slices are RASL.
  var isSkippedLeading = false
  /// Other pictures may refer to it.
  var isReference = false
  /// It grew beyond the limit: its bytes are gone.
  var isOversize = false
  /// What came so far, where it stays: the unit's payload. It reads and writes from 0.
  private(set) var bytes = ByteBuffer()
  /// Sizes of the last units, so that the next one's room is there at once.
  private var lastSize = 0
  private var lastKeySize = 0
  /// Where the length of the NAL unit lies whose fragments are coming; nil while none is open.
  private(set) var fragmentStart: Int?

  mutating func begin(arrival: BootTime) {
    let (size, keySize) = (lastSize, lastKeySize)
    self = OpenUnit()
    (lastSize, lastKeySize) = (size, keySize)
    isOpen = true
    bytes = ByteBufferAllocator().buffer(capacity: min(max(size, 512), OpenUnit.mostRoom))
    firstArrival = arrival
    self.arrival = arrival
  }

  /// Packets are put in order of their numbers; which came first and last is another matter.
  mutating func note(arrival: BootTime) {
    firstArrival = min(firstArrival, arrival)
    self.arrival = max(self.arrival, arrival)
  }

  mutating func append(_ nal: UnsafeRawBufferPointer) {
    guard fits(nal.count) else { return }
    bytes.writeInteger(UInt32(truncatingIfNeeded: nal.count))
    write(nal)
  }

  /// Begins a NAL unit whose bytes come in fragments; its length is written when it ends.
  mutating func beginFragment(header: UInt8, second: UInt8? = nil, _ fragment: UnsafeRawBufferPointer) {
    guard fits(fragment.count) else { return }
    fragmentStart = bytes.writerIndex
    if isKey { bytes.reserveCapacity(min(lastKeySize, OpenUnit.mostRoom)) }
    bytes.writeInteger(UInt32(0))
    bytes.writeInteger(header)
    if let second { bytes.writeInteger(second) }
    write(fragment)
  }

  mutating func continueFragment(_ fragment: UnsafeRawBufferPointer) {
    guard fits(fragment.count) else { return }
    write(fragment)
  }

  private mutating func write(_ more: UnsafeRawBufferPointer) {
    bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: more.count) { room in
      room.copyMemory(from: more)
      return more.count
    }
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

  /// Packets are missing here: a NAL unit under way stays cut.
  mutating func markLoss() {
    guard isOpen else { return }
    isDamaged = true
    endFragment()
  }

  /// The payload; nothing is left here. One that came to less than a quarter of the room is copied: units are kept for seconds.
  mutating func takePayload() -> ByteBuffer {
    var payload = ByteBuffer()
    swap(&payload, &bytes)
    if isKey { lastKeySize = payload.readableBytes } else { lastSize = payload.readableBytes }
    if payload.capacity / 4 >= payload.readableBytes { payload.shrinkBufferCapacity(to: payload.readableBytes) }
    return payload
  }

  /// Room that is made at once, whatever the unit before was.
  private static let mostRoom = 1 << 20

  private mutating func fits(_ count: Int) -> Bool {
    guard !isOversize, bytes.writerIndex &+ count &+ 6 <= RTPUnitAssembler.maximumUnitLength else {
      isOversize = true
      fragmentStart = nil
      bytes = ByteBuffer()
      return false
    }
    return true
  }
}
