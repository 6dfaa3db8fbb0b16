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
  private(set) var payload = ByteBuffer()
  /// Where the length of the NAL unit lies whose fragments are coming; nil while none is open.
  private(set) var fragmentStart: Int?

  mutating func begin(arrival: BootTime, reserving capacity: Int) {
    self = OpenUnit()
    isOpen = true
    firstArrival = arrival
    self.arrival = arrival
    payload.reserveCapacity(capacity)
  }

  /// Packets are put in order of their numbers; which came first and last is another matter.
  mutating func note(arrival: BootTime) {
    firstArrival = min(firstArrival, arrival)
    self.arrival = max(self.arrival, arrival)
  }

  mutating func reserve(_ capacity: Int) { payload.reserveCapacity(min(capacity, RTPUnitAssembler.maximumUnitLength)) }

  mutating func append(_ nal: UnsafeRawBufferPointer) {
    guard fits(nal.count) else { return }
    payload.writeInteger(UInt32(truncatingIfNeeded: nal.count))
    payload.writeBytes(nal)
  }

  /// Begins a NAL unit whose bytes come in fragments; its length is written when it ends.
  mutating func beginFragment(header: UInt8, second: UInt8? = nil, _ bytes: UnsafeRawBufferPointer) {
    guard fits(bytes.count) else { return }
    fragmentStart = payload.writerIndex
    payload.writeInteger(UInt32(0))
    payload.writeInteger(header)
    if let second { payload.writeInteger(second) }
    payload.writeBytes(bytes)
  }

  mutating func continueFragment(_ bytes: UnsafeRawBufferPointer) {
    guard fits(bytes.count) else { return }
    payload.writeBytes(bytes)
  }

  /// Ends the fragmented NAL unit, whole or cut.
  /// - Returns: where its bytes lie in ``payload``; nil when none was open.
  @discardableResult
  mutating func endFragment() -> Range<Int>? {
    guard let start = fragmentStart else { return nil }
    fragmentStart = nil
    let end = payload.writerIndex
    payload.setInteger(UInt32(truncatingIfNeeded: end &- start &- 4), at: start)
    return start &+ 4..<end
  }

  /// Packets are missing here: a NAL unit under way stays cut.
  mutating func markLoss() {
    guard isOpen else { return }
    isDamaged = true
    endFragment()
  }

  /// The payload without waste: growth may have left up to half of the storage unused, and key units' successors reserve too much.
  mutating func takePayload() -> ByteBuffer {
    var taken = ByteBuffer()
    swap(&taken, &payload)
    guard taken.capacity > 2 &* taken.readableBytes else { return taken }
    var compact = ByteBuffer()
    compact.reserveCapacity(taken.readableBytes)
    compact.writeImmutableBuffer(taken)
    return compact
  }

  private mutating func fits(_ count: Int) -> Bool {
    guard !isOversize, payload.readableBytes &+ count &+ 6 <= RTPUnitAssembler.maximumUnitLength else {
      isOversize = true
      fragmentStart = nil
      payload = ByteBuffer()
      return false
    }
    return true
  }
}
