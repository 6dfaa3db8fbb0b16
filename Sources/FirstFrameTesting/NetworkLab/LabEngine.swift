internal import CNetworkLab
internal import Glibc
internal import Model

/// The lab's one thread.
///
/// `@unchecked Sendable`: what the thread works on is its own from ``start()`` on; orders come through the locked desk.
final class LabEngine: @unchecked Sendable {
  private struct Desk {
    var changes: [(forward: Impairment, back: Impairment, done: @Sendable () -> Void)] = []
    var farewells: [@Sendable (TruthLog) -> Void] = []
    var stops = false
    var log: TruthLog?
  }

  /// A packet on its way.
  private struct Parcel {
    var row: TruthRow
    var bytes: [UInt8]
    var order: UInt64
  }

  private static let longest = 65_536

  private let ends: [TruthRow.Direction: (from: LabEnd, to: LabEnd)]
  private var deciders: [TruthRow.Direction: FateDecider]
  private let clock = SystemClock()
  private var log: TruthLog
  private var parcels: [Parcel] = []
  private var order: UInt64 = 0
  /// Rows that the receiver's packet socket has not shown yet, oldest first.
  private var awaited: [TruthRow.Direction: [(row: Int, bytes: [UInt8])]] = [.forward: [], .back: []]
  /// What the sender's packet socket has shown and the device has not given yet, oldest first.
  private var leaving: [TruthRow.Direction: [(stamp: KernelTime, bytes: [UInt8])]] = [.forward: [], .back: []]
  private var wake: (read: Int32, write: Int32)
  private var mutex = pthread_mutex_t()
  private var desk = Desk()

  init(field: LabEnd, centre: LabEnd, forward: FateDecider, back: FateDecider) throws(LabTrouble) {
    ends = [.forward: (field, centre), .back: (centre, field)]
    deciders = [.forward: forward, .back: back]
    log = TruthLog(began: clock.reading(), ended: clock.reading())
    var pair: [Int32] = [-1, -1]
    guard pipe(&pair) == 0 else { throw LabTrouble("no pipe") }
    for end in pair {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    wake = (pair[0], pair[1])
    pthread_mutex_init(&mutex, nil)
  }

  deinit {
    close(wake.read)
    close(wake.write)
    pthread_mutex_destroy(&mutex)
  }

  func start() throws(LabTrouble) {
    try LabThread.start { [self] in
      lab_prepare_thread("lab")
      run()
    }
  }

  // MARK: From any thread

  /// `done` is called when packets that were sent until now have their fate and those from now on have the new one.
  func change(forward: Impairment, back: Impairment, done: @escaping @Sendable () -> Void) {
    let isOver = withDesk { desk in
      if desk.log == nil { desk.changes.append((forward, back, done)) }
      return desk.log != nil
    }
    if isOver { done() }
  }

  /// `farewell` gets the log once the thread has ended.
  func stop(_ farewell: @escaping @Sendable (TruthLog) -> Void) {
    let done = withDesk { desk -> TruthLog? in
      desk.stops = true
      if desk.log == nil { desk.farewells.append(farewell) }
      return desk.log
    }
    if let done { farewell(done) }
  }

  @discardableResult
  private func withDesk<Value>(_ body: (inout Desk) -> Value) -> Value {
    pthread_mutex_lock(&mutex)
    let value = body(&desk)
    pthread_mutex_unlock(&mutex)
    var byte: UInt8 = 1
    _ = write(wake.write, &byte, 1)
    return value
  }

  // MARK: On the lab's thread

  private func run() {
    let slab = UnsafeMutablePointer<UInt8>.allocate(capacity: LabEngine.longest)
    defer { slab.deallocate() }
    while true {
      let orders = takeOrders()
      for change in orders.changes {
        collect(slab)
        deciders[.forward]?.impairment = change.forward
        deciders[.back]?.impairment = change.back
        change.done()
      }
      if orders.stops { break }
      handOver()
      witness(slab)
      let wait = parcels.first.map { $0.row.due - clock.bootTime() } ?? .milliseconds(200)
      _ = lab_wait(descriptors, Int32(descriptors.count), min(wait.value, 200_000_000))
      collect(slab)
    }
    witness(slab)
    log.ended = clock.reading()
    leave()
  }

  private var descriptors: [Int32] {
    [wake.read] + ends.values.map(\.from.tun) + ends.values.map(\.to.tap)
  }

  private func takeOrders() -> Desk {
    var bytes: UInt64 = 0
    while read(wake.read, &bytes, 8) > 0 {}
    pthread_mutex_lock(&mutex)
    defer { pthread_mutex_unlock(&mutex) }
    let orders = desk
    desk.changes = []
    return orders
  }

  private func leave() {
    pthread_mutex_lock(&mutex)
    desk.log = log
    let (farewells, changes) = (desk.farewells, desk.changes)
    (desk.farewells, desk.changes) = ([], [])
    pthread_mutex_unlock(&mutex)
    for change in changes { change.done() }
    for farewell in farewells { farewell(log) }
  }

  /// Takes what both sides have sent.
  private func collect(_ slab: UnsafeMutablePointer<UInt8>) {
    for (direction, end) in ends { collect(direction, end.from.tun, slab) }
  }

  private func collect(_ direction: TruthRow.Direction, _ tun: Int32, _ slab: UnsafeMutablePointer<UInt8>) {
    for _ in 0..<64 {
      let length = read(tun, slab, LabEngine.longest)
      guard length > 0 else { return }
      let bytes = Array(UnsafeRawBufferPointer(start: slab, count: length))
      // IPv6 chatter of a fresh device has nowhere to go.
      guard let packet = bytes.withUnsafeBytes({ LabPacket($0) }) else { continue }
      // The packet socket saw it before the device had it.
      witness(slab)
      accept(packet, bytes, direction)
    }
  }

  /// When the sender's kernel let a packet go.
  private func left(_ bytes: [UInt8], _ direction: TruthRow.Direction) -> KernelTime? {
    guard let place = leaving[direction]?.firstIndex(where: { $0.bytes == bytes }), let stamp = leaving[direction]?[place].stamp else {
      return nil
    }
    leaving[direction]?.removeFirst(place + 1)
    return stamp
  }

  private func accept(_ packet: LabPacket, _ bytes: [UInt8], _ direction: TruthRow.Direction) {
    let taken = clock.reading()
    let number = deciders[direction]?.count(packet.kind) ?? 0
    guard let decision = deciders[direction]?.decide(packet.kind, length: bytes.count, at: taken.boot) else { return }
    var row = TruthRow(
      direction: direction, kind: packet.kind, number: number, isCopy: false, length: bytes.count, sourcePort: packet.sourcePort,
      destinationPort: packet.destinationPort,
      rtp: packet.rtp.map { TruthRow.RTP(sequenceNumber: $0.sequenceNumber, timestamp: $0.timestamp, marker: $0.marker) },
      tcp: packet.tcp.map { TruthRow.TCP(sequence: $0.sequence, acknowledgement: $0.acknowledgement, payload: $0.payload) },
      fate: decision.fate, left: left(bytes, direction), taken: taken, due: decision.due)
    guard decision.fate == .delivered else { return log.rows.append(row) }
    put(Parcel(row: row, bytes: bytes, order: order))
    guard decision.isDoubled else { return }
    row.isCopy = true
    put(Parcel(row: row, bytes: bytes, order: order))
  }

  /// Keeps the parcels in order of their hour; equal hours in order of their coming.
  private func put(_ parcel: Parcel) {
    order &+= 1
    var (low, high) = (0, parcels.count)
    while low < high {
      let middle = (low + high) / 2
      if parcels[middle].row.due <= parcel.row.due { low = middle + 1 } else { high = middle }
    }
    parcels.insert(parcel, at: low)
  }

  private func handOver() {
    var done = 0
    while done < parcels.count, parcels[done].row.due <= clock.bootTime() {
      deliver(parcels[done])
      done += 1
    }
    parcels.removeFirst(done)
  }

  private func deliver(_ parcel: Parcel) {
    var row = parcel.row
    guard let tun = ends[row.direction]?.to.tun else { return }
    let before = clock.reading()
    let written = parcel.bytes.withUnsafeBytes { write(tun, $0.baseAddress, $0.count) }
    let after = ClockReading(boot: clock.bootTime(), kernel: KernelTime(nanoseconds: clock.wallTime().nanoseconds))
    guard written == parcel.bytes.count else {
      log.refused += 1
      row.fate = .queueFull
      return log.rows.append(row)
    }
    (row.before, row.after) = (before, after)
    awaited[row.direction]?.append((log.rows.count, parcel.bytes))
    log.rows.append(row)
  }

  /// Reads both sides' packet sockets.
  private func witness(_ slab: UnsafeMutablePointer<UInt8>) {
    for (direction, end) in ends { witness(of: direction, end.to.tap, slab) }
  }

  /// Takes what the packet socket at the end of one direction, and so at the beginning of the other, has seen.
  private func witness(of direction: TruthRow.Direction, _ tap: Int32, _ slab: UnsafeMutablePointer<UInt8>) {
    var stamp: Int64 = 0
    var isOutgoing: Int32 = 0
    while true {
      let length = Int(lab_tap_receive(tap, slab, LabEngine.longest, &stamp, &isOutgoing))
      guard length > 0 else { return }
      let seen = Array(UnsafeRawBufferPointer(start: slab, count: min(length, LabEngine.longest)))
      guard seen.first.map({ $0 >> 4 == 4 }) == true else { continue }
      if isOutgoing != 0 {
        leaving[direction == .forward ? .back : .forward]?.append((KernelTime(nanoseconds: stamp), seen))
      } else {
        received(seen, direction, KernelTime(nanoseconds: stamp))
      }
    }
  }

  /// Gives a row the stamp that the receiver's kernel gave its packet. What it has skipped never came.
  private func received(_ bytes: [UInt8], _ direction: TruthRow.Direction, _ stamp: KernelTime) {
    guard let place = awaited[direction]?.firstIndex(where: { $0.bytes == bytes }), let row = awaited[direction]?[place].row else {
      log.unknown += 1
      return
    }
    log.rows[row].stamp = stamp
    awaited[direction]?.removeFirst(place + 1)
  }
}
