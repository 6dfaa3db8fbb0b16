public import NIOCore

/// Splits a byte stream into NAL units at its start codes (H.264 and H.265 Annex B), whatever the pieces in which it comes. Trap-free on any
/// bytes; keeps no more than the longest NAL unit that it lets through, and looks at each byte once.
///
///     splitter.append(bytes)
///     while let nal = splitter.next() { … }
///
/// A NAL unit is given out when the start code behind it has come; ``finish()`` gives out the last one.
public struct AnnexBSplitter: Sendable {
  /// Longer NAL units are left out. Bytes.
  public let maximumLength: Int

  /// What came and was not given out: from the first byte behind a start code on, once one was found.
  private var rest = ByteBuffer()
  /// Bytes of ``rest`` in which no start code begins.
  private var searched = 0
  /// A start code came, so that ``rest`` is a NAL unit's.
  private var isInside = false
  private var isAfterGap = false
  /// Bytes taken in since the beginning.
  public private(set) var position = 0

  /// - Parameter maximumLength: bytes of the longest NAL unit that is given out.
  public init(maximumLength: Int = VideoUnitBuilder.maximumUnitLength) { self.maximumLength = max(1, maximumLength) }

  /// Where the NAL unit begins that has not ended yet, or where one may begin; in bytes since the beginning.
  public var openOffset: Int { position &- rest.readableBytes }

  /// Takes in the next bytes of the stream; they are copied.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    makeRoom(bytes.count)
    rest.writeBytes(bytes)
    position &+= bytes.count
  }

  /// Takes in the next bytes of the stream; they are copied.
  public mutating func append(_ bytes: ByteBuffer) {
    makeRoom(bytes.readableBytes)
    rest.writeImmutableBuffer(bytes)
    position &+= bytes.readableBytes
  }

  /// The next whole NAL unit; nil until more bytes come. Its bytes are a slice of the splitter's own: whoever keeps them copies them.
  public mutating func next() -> AnnexBNALUnit? {
    while let code = findStartCode() {
      let offset = openOffset
      let found = rest.readSlice(length: code)
      rest.moveReaderIndex(forwardBy: StartCode.length)
      searched = 0
      defer { isInside = true }
      if isInside, let nal = found.flatMap({ unit($0, at: offset) }) { return nal }
    }
    dropExcess()
    return nil
  }

  /// The last NAL unit: nothing more comes, or a new start code comes next. The splitter then begins anew.
  public mutating func finish() -> AnnexBNALUnit? {
    let (offset, last) = (openOffset, rest)
    let wasInside = isInside
    rest = ByteBuffer()
    searched = 0
    isInside = false
    return wasInside ? unit(last, at: offset) : nil
  }

  // MARK: Finding

  private mutating func unit(_ bytes: ByteBuffer, at offset: Int) -> AnnexBNALUnit? {
    var bytes = bytes
    // A NAL unit does not end with a zero; those are trailing_zero_8bits and the next start code's (§B.1.1).
    while bytes.readableBytes > 0, bytes.getInteger(at: bytes.writerIndex &- 1, as: UInt8.self) == 0 {
      bytes.moveWriterIndex(to: bytes.writerIndex &- 1)
    }
    guard bytes.readableBytes > 0 else { return nil }
    guard bytes.readableBytes <= maximumLength else {
      isAfterGap = true
      return nil
    }
    defer { isAfterGap = false }
    return AnnexBNALUnit(bytes: bytes, offset: offset, isAfterGap: isAfterGap)
  }

  /// Where the next 00 00 01 begins, in bytes from the reader index.
  private mutating func findStartCode() -> Int? {
    let from = searched
    let found = rest.withUnsafeReadableBytes { StartCode.find(from: from, in: $0) }
    if found == nil { searched = max(searched, rest.readableBytes &- 2) }
    return found
  }

  // MARK: Bounds

  /// What lies before the first start code is no NAL unit's, and one that is too long already is not waited for.
  private mutating func dropExcess() {
    if isInside, rest.readableBytes > maximumLength &+ 3 {
      isInside = false
      isAfterGap = true
    }
    guard !isInside else { return }
    // Its last bytes may be the beginning of a start code.
    rest.moveReaderIndex(forwardBy: max(0, rest.readableBytes &- 2))
    searched = 0
  }

  private mutating func makeRoom(_ more: Int) {
    if rest.readableBytes == 0 { rest.clear() } else if rest.readerIndex > 65_536 { rest.discardReadBytes() }
    rest.reserveCapacity(minimumWritableBytes: more)
  }
}
