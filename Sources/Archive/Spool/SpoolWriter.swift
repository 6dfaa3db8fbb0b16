internal import Model
internal import NIOCore

/// Writes one stream's items into its spool, on the stream's loop: a copy into mapped memory, no system call, no allocation a unit.
///
/// When the pool has no file ready, items wait in memory (in order) for the next call.
final class SpoolWriter {
  struct Owner {
    var name: StreamName
    var id: String
    var node: String
    var boot: String
  }

  private let owner: Owner
  private let pool: SpoolPool
  private let clock: any NodeClock
  let chain: SpoolChain
  private var file: SpoolFile?
  private var index: UInt64 = 0
  private var offset = 0
  private var last: UInt64 = 0
  private var holdsUnits = false
  /// The newest description, repeated at the head of each file so that every file explains its own units.
  private var description: [UInt8] = []
  private var waiting: [RecordedItem] = []
  private var waitingBytes = 0
  private let backlogLimit: Int
  /// Units that were never spooled because the disk gave no file for too long.
  private(set) var unspooled = 0

  init(owner: Owner, chain: SpoolChain, pool: SpoolPool, clock: any NodeClock, backlogLimit: Int) {
    self.owner = owner
    self.chain = chain
    self.pool = pool
    self.clock = clock
    self.backlogLimit = backlogLimit
  }

  func append(_ item: RecordedItem) {
    if waiting.isEmpty, file != nil || acquireFile() { return store(item) }
    queue(item)
    drain()
  }

  /// Writes what waited, if there is a file now.
  func drain() {
    guard !waiting.isEmpty, file != nil || acquireFile() else { return }
    let items = waiting
    waiting = []
    waitingBytes = 0
    for (at, item) in items.enumerated() {
      guard file != nil || acquireFile() else {
        for rest in items[at...] { queue(rest) }
        return
      }
      store(item)
    }
  }

  /// Gives the last file to the chain. Nothing may be appended afterwards.
  func close() {
    drain()
    seal()
    waiting = []
  }

  private func queue(_ item: RecordedItem) {
    if case .unit(let unit) = item {
      guard waitingBytes < backlogLimit else {
        unspooled += 1
        return
      }
      waitingBytes += unit.unit.payload.readableBytes
    }
    waiting.append(item)
  }

  private func store(_ item: RecordedItem) {
    switch item {
    case .described(let stream):
      description = Array(stream.json.text.utf8)
      writeDescription()
    case .unit(let unit): store(unit)
    case .interrupted(let time): write(.interrupted, 8) { $0.storeBytes(of: time.nanoseconds.littleEndian, as: Int64.self) }
    case .ended(let time): write(.ended, 8) { $0.storeBytes(of: time.nanoseconds.littleEndian, as: Int64.self) }
    }
  }

  private func writeDescription() {
    write(.described, description.count) { at in
      description.withUnsafeBytes { source in if let from = source.baseAddress { at.copyMemory(from: from, byteCount: source.count) } }
    }
  }

  private func store(_ recorded: RecordedUnit) {
    let fixed = SpoolUnit.fixed
    recorded.unit.payload.withUnsafeReadableBytes { payload in
      var done = 0
      var kind = SpoolLayout.Kind.unit
      repeat {
        let head = kind == .unit ? fixed : 0
        var room = freeBytes - SpoolLayout.recordHeader - head
        if room < min(512, payload.count - done) || room < 0 {
          guard nextFile() else {
            unspooled += 1
            return
          }
          room = freeBytes - SpoolLayout.recordHeader - head
        }
        let count = min(room, payload.count - done)
        let part = UnsafeRawBufferPointer(rebasing: payload[done..<done + count])
        last = recorded.position
        holdsUnits = true
        write(kind, head + count) { at in
          if kind == .unit { SpoolUnit.store(recorded, at, total: payload.count) }
          if let source = part.baseAddress { (at + head).copyMemory(from: source, byteCount: part.count) }
        }
        done += count
        kind = .continuation
      } while done < payload.count
    }
  }

  private var freeBytes: Int { file.map { $0.capacity - offset } ?? 0 }

  /// Writes one record that is known to fit, or takes another file for a small one. Body first: the header makes it valid.
  private func write(_ kind: SpoolLayout.Kind, _ length: Int, _ body: (UnsafeMutableRawPointer) -> Void) {
    if freeBytes < SpoolLayout.recordHeader + length { guard nextFile(), freeBytes >= SpoolLayout.recordHeader + length else { return } }
    guard let file else { return }
    let at = file.base + offset
    let content = at + SpoolLayout.recordHeader
    body(content)
    let seed = SpoolLayout.seed(run: chain.run, index: index, offset: offset, kind: kind.rawValue, length: UInt32(clamping: length))
    let check = SpoolCheck.compute(UnsafeRawBufferPointer(start: content, count: length), seed: seed)
    at.storeBytes(of: check, toByteOffset: 8, as: UInt64.self)
    at.storeBytes(of: UInt32(clamping: length), toByteOffset: 4, as: UInt32.self)
    at.storeBytes(of: kind.rawValue, as: UInt32.self)
    offset = SpoolLayout.padded(offset + SpoolLayout.recordHeader + length)
  }

  private func nextFile() -> Bool {
    seal()
    return acquireFile()
  }

  private func seal() {
    guard let full = file else { return }
    file = nil
    chain.seal(full, last: holdsUnits ? last : 0)
    holdsUnits = false
  }

  private func acquireFile() -> Bool {
    guard let fresh = pool.acquire() else { return false }
    index &+= 1
    offset = SpoolLayout.headerBytes
    SpoolHeader(
      name: owner.name, id: owner.id, node: owner.node, boot: owner.boot, run: chain.run, index: index, reading: clock.reading()
    ).write(to: fresh)
    file = fresh
    if !description.isEmpty { writeDescription() }
    return true
  }
}
