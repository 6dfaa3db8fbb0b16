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
  /// An array, kept for the next unit, because each packet is a write or two: those of a byte buffer cost several times as much.
  private(set) var bytes: [UInt8] = []
  /// Where the length of the NAL unit lies whose fragments are coming; nil while none is open.
  private(set) var fragmentStart: Int?

  mutating func begin(arrival: BootTime) {
    var kept: [UInt8] = []
    swap(&kept, &bytes)
    kept.removeAll(keepingCapacity: true)
    self = OpenUnit()
    swap(&kept, &bytes)
    isOpen = true
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
    appendLength(nal.count)
    bytes.append(contentsOf: nal)
  }

  /// Begins a NAL unit whose bytes come in fragments; its length is written when it ends.
  mutating func beginFragment(header: UInt8, second: UInt8? = nil, _ fragment: UnsafeRawBufferPointer) {
    guard fits(fragment.count) else { return }
    fragmentStart = bytes.count
    appendLength(0)
    bytes.append(header)
    if let second { bytes.append(second) }
    bytes.append(contentsOf: fragment)
  }

  mutating func continueFragment(_ fragment: UnsafeRawBufferPointer) {
    guard fits(fragment.count) else { return }
    bytes.append(contentsOf: fragment)
  }

  /// Ends the fragmented NAL unit, whole or cut.
  /// - Returns: where its bytes lie in ``bytes``; nil when none was open.
  @discardableResult
  mutating func endFragment() -> Range<Int>? {
    guard let start = fragmentStart else { return nil }
    fragmentStart = nil
    let length = UInt32(truncatingIfNeeded: bytes.count &- start &- 4)
    bytes[start] = UInt8(truncatingIfNeeded: length >> 24)
    bytes[start &+ 1] = UInt8(truncatingIfNeeded: length >> 16)
    bytes[start &+ 2] = UInt8(truncatingIfNeeded: length >> 8)
    bytes[start &+ 3] = UInt8(truncatingIfNeeded: length)
    return start &+ 4..<bytes.count
  }

  private mutating func appendLength(_ count: Int) {
    withUnsafeBytes(of: UInt32(truncatingIfNeeded: count).bigEndian) { bytes.append(contentsOf: $0) }
  }

  /// Packets are missing here: a NAL unit under way stays cut.
  mutating func markLoss() {
    guard isOpen else { return }
    isDamaged = true
    endFragment()
  }

  /// The payload, a copy of its own size. Only the room of an ordinary unit is kept: key units are large and seldom.
  mutating func takePayload() -> ByteBuffer {
    let payload = ByteBuffer(bytes: bytes)
    if bytes.capacity > OpenUnit.keptRoom { bytes = [] } else { bytes.removeAll(keepingCapacity: true) }
    return payload
  }

  private static let keptRoom = 64 << 10

  private mutating func fits(_ count: Int) -> Bool {
    guard !isOversize, bytes.count &+ count &+ 6 <= RTPUnitAssembler.maximumUnitLength else {
      isOversize = true
      fragmentStart = nil
      bytes = []
      return false
    }
    return true
  }
}
