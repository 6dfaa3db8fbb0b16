internal import Model
internal import NIOCore

/// One form of a stream and everybody who reads it: its packetisation (nil when the publisher's own RTP or bare units pass through), its GOP
/// cache, its readers by event loop.
final class SharedForm {
  enum Content {
    case units
    case publisherRTP
    case packetised(any Packetisation)
  }

  /// The readers of one loop get one hand-over a batch.
  private struct Group {
    let loop: any EventLoop
    var readers: [any StreamReader]
  }

  private(set) var content: Content
  private var cache: GOPCache
  /// What a joining reader must have before the first unit (RTMP sequence headers).
  private var header = ByteBuffer()
  /// Header bytes that readers already here still lack.
  private var pending = ByteBuffer()
  private var groups: [Group] = []

  init(content: Content, cacheLimit: Int) {
    self.content = content
    cache = GOPCache(limit: cacheLimit)
  }

  var isEmpty: Bool { groups.isEmpty }
  var readers: [any StreamReader] { groups.flatMap(\.readers) }
  var cachedBytes: Int { cache.bytes.readableBytes }
  /// Packets or tags from the newest key unit on; empty when they do not begin with one.
  var cached: ByteBuffer { cache.startsWithKey ? cache.bytes : ByteBuffer() }

  /// The newest packet of each track: where a returning publisher has to continue.
  func lastPackets(clockRates: [Int32]) -> [RTPContinuity.Last?] { RTPContinuity.lasts(in: cache.bytes, clockRates: clockRates) }

  // MARK: Readers

  func add(_ reader: any StreamReader) {
    if let index = groups.firstIndex(where: { $0.loop === reader.loop }) {
      groups[index].readers.append(reader)
    } else {
      groups.append(Group(loop: reader.loop, readers: [reader]))
    }
  }

  func remove(_ reader: any StreamReader) {
    guard let index = groups.firstIndex(where: { $0.loop === reader.loop }) else { return }
    groups[index].readers.removeAll { $0 === reader }
    if groups[index].readers.isEmpty { groups.remove(at: index) }
  }

  /// What a reader that joins now gets first; nil when there is no key frame yet.
  /// - Parameter units: asked for where it is units that the form consists of.
  func joining(units: () -> [AccessUnit]?, arrival: BootTime) -> Delivery? {
    switch content {
    case .units:
      guard let units = units() else { return nil }
      return Delivery(bytes: ByteBuffer(), fromKey: nil, units: units, unitCount: units.count, cached: true, arrival: arrival)
    case .publisherRTP, .packetised:
      guard cache.startsWithKey || header.readableBytes > 0 else { return nil }
      var bytes = header
      if cache.startsWithKey { bytes.writeImmutableBuffer(cache.bytes) }
      let ready = cache.startsWithKey
      return Delivery(bytes: bytes, fromKey: nil, units: [], unitCount: 0, cached: ready, arrival: arrival)
    }
  }

  // MARK: Media

  /// A new publication or changed tracks.
  func describe(_ description: StreamDescription, replaying cached: [AccessUnit]?) {
    guard case .packetised(let packetisation) = content else { return }
    var bytes = ByteBuffer()
    packetisation.update(description, into: &bytes)
    header = bytes
    pending.writeImmutableBuffer(bytes)
    guard let cached else { return }
    var gop = ByteBuffer()
    for unit in cached { packetisation.encode(unit, into: &gop) }
    _ = cache.append(gop, keyOffset: 0)
    pending.clear()
  }

  /// The form's content for a new publication; readers stay.
  func restart(_ content: Content) {
    self.content = content
    cache.clear()
    header.clear()
    pending.clear()
  }

  func forgetCache() { cache.clear() }

  /// The publisher's packets of one batch.
  func deliverPackets(_ packets: ByteBuffer, keyOffset: Int?, unitCount: Int, audioOnly: Bool, arrival: BootTime, on loop: any EventLoop) {
    let fromKey = audioOnly ? packets : cache.append(packets, keyOffset: keyOffset)
    guard !groups.isEmpty else { return }
    send(Delivery(bytes: packets, fromKey: fromKey, units: [], unitCount: unitCount, cached: false, arrival: arrival), on: loop)
  }

  /// The units of one batch, written in this form.
  func deliverUnits(_ units: [AccessUnit], keyTrack: UInt8?, arrival: BootTime, on loop: any EventLoop) {
    switch content {
    case .units:
      guard !groups.isEmpty else { return }
      send(Delivery(bytes: ByteBuffer(), fromKey: nil, units: units, unitCount: units.count, cached: false, arrival: arrival), on: loop)
    case .publisherRTP: return
    case .packetised(let packetisation):
      let (bytes, fromKey) = write(units, packetisation, keyTrack: keyTrack)
      guard !groups.isEmpty else { return }
      send(Delivery(bytes: bytes, fromKey: fromKey, units: [], unitCount: units.count, cached: false, arrival: arrival), on: loop)
    }
  }

  /// Writes a batch and caches it. Returns what every reader gets, and what one that waits for a key unit does.
  private func write(
    _ units: [AccessUnit], _ packetisation: any Packetisation, keyTrack: UInt8?
  ) -> (bytes: ByteBuffer, fromKey: ByteBuffer?) {
    let keyIndex = units.lastIndex { $0.isKey && $0.track == keyTrack }
    if keyTrack != nil, pending.readableBytes == 0, keyIndex ?? 0 == 0 {
      let (bytes, fromKey) = cache.write(startsWithKey: keyIndex != nil) { buffer in
        for unit in units { packetisation.encode(unit, into: &buffer) }
      }
      return (bytes, withHeader(fromKey))
    }
    let prefix = pending.readableBytes
    var bytes = pending
    pending = ByteBuffer()
    var keyOffset: Int?
    for (index, unit) in units.enumerated() {
      if index == keyIndex { keyOffset = bytes.readableBytes - prefix }
      packetisation.encode(unit, into: &bytes)
    }
    guard keyTrack != nil else { return (bytes, bytes) }
    let media = prefix == 0 ? bytes : bytes.getSlice(at: bytes.readerIndex + prefix, length: bytes.readableBytes - prefix) ?? bytes
    return (bytes, withHeader(cache.append(media, keyOffset: keyOffset)))
  }

  private func withHeader(_ fromKey: ByteBuffer?) -> ByteBuffer? {
    guard let fromKey, header.readableBytes > 0 else { return fromKey }
    var whole = header
    whole.writeImmutableBuffer(fromKey)
    return whole
  }

  private func send(_ delivery: Delivery, on loop: any EventLoop) {
    // A copy for other loops: what is delivered here may be the cache's storage or a socket's, which are written to again at once.
    var copy: Delivery?
    for group in groups {
      if group.loop === loop {
        for reader in group.readers { reader.receive(delivery) }
      } else {
        let readers = group.readers
        let own = copy ?? delivery.copied()
        copy = own
        group.loop.execute { for reader in readers { reader.receive(own) } }
      }
    }
  }

  /// Calls every reader on its own loop.
  func forEachReader(on loop: any EventLoop, _ body: @escaping @Sendable (any StreamReader) -> Void) {
    for group in groups {
      if group.loop === loop {
        for reader in group.readers { body(reader) }
      } else {
        let readers = group.readers
        group.loop.execute { for reader in readers { body(reader) } }
      }
    }
  }
}
