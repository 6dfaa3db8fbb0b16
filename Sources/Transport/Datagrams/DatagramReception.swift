internal import CLinux
internal import Logging
internal import Model

/// Receives for a loop's datagram sockets: many datagrams a call, stamped by the kernel. NIO's datagram channel passes no stamps (architecture.md,
/// decision 8). Used on the loop's thread only.
final class DatagramReception {
  /// A receiver and how many sockets are watched for it.
  final class Member {
    let receiver: any DatagramReceiver
    var sockets = 0
    /// The last round in which something was received for it.
    var round: UInt64 = 0

    init(_ receiver: any DatagramReceiver) { self.receiver = receiver }
  }

  /// Longest datagram taken whole: a jumbo frame. Longer ones are dropped.
  private static let slot = 9216
  /// Batches a socket and round, so that one flood does not starve the others.
  private static let batches = 4

  private let clock: any NodeClock
  private let logger: Logger
  private let slab = UnsafeMutablePointer<UInt8>.allocate(capacity: DatagramReception.slot * Int(FF_BATCH))
  private let heads = UnsafeMutablePointer<ff_datagram>.allocate(capacity: Int(FF_BATCH))
  private var arrivals: ArrivalClock
  private var members: [ObjectIdentifier: Member] = [:]
  /// Who received something in this round; its storage is used again.
  private var touched: [Member] = []
  private var round: UInt64 = 1
  /// The clocks have been read in this round.
  private var hasBegun = false

  init(clock: any NodeClock, logger: Logger) {
    self.clock = clock
    self.logger = logger
    arrivals = ArrivalClock(clock.tightReading())
    heads.initialize(repeating: ff_datagram(), count: Int(FF_BATCH))
  }

  deinit {
    slab.deallocate()
    heads.deallocate()
  }

  /// Whether a socket is watched.
  var isInUse: Bool { !members.isEmpty }

  func add(_ socket: DatagramSocket, flow: Int, receiver: any DatagramReceiver) -> WatchedSocket {
    // While no socket was watched nobody read the clocks: a step in that time is nobody's.
    if members.isEmpty { arrivals = ArrivalClock(clock.tightReading()) }
    let member = members[ObjectIdentifier(receiver)] ?? Member(receiver)
    member.sockets += 1
    members[ObjectIdentifier(receiver)] = member
    return WatchedSocket(socket, flow: flow, member: member)
  }

  func remove(_ watched: WatchedSocket) {
    guard watched.isWatched else { return }
    watched.isWatched = false
    watched.member.sockets -= 1
    if watched.member.sockets == 0 { members[ObjectIdentifier(watched.member.receiver)] = nil }
  }

  // MARK: A round

  /// Reads what a ready socket has.
  func receive(_ watched: WatchedSocket) {
    readClocks()
    for _ in 0..<DatagramReception.batches where watched.isWatched {
      let count = Int(ff_receive(watched.socket.descriptor, slab, DatagramReception.slot, heads, FF_BATCH))
      // An ICMP error that a send brought back (ECONNREFUSED) comes once and is no reason to stop.
      guard count > 0 else { return }
      touch(watched.member)
      handOver(count, of: watched)
      if count < Int(FF_BATCH) { return }
    }
  }

  private func handOver(_ count: Int, of watched: WatchedSocket) {
    let now = clock.bootTime()
    for index in 0..<count where heads[index].truncated == 0 && watched.isWatched {
      let arrival = arrivals.arrival(kernelNanoseconds: heads[index].kernel_ns, read: now)
      watched.member.receiver.receive(
        Datagram(
          bytes: UnsafeRawBufferPointer(start: slab + index * DatagramReception.slot, count: Int(heads[index].length)),
          source: PeerAddress(heads[index].address, length: heads[index].address_length), flow: watched.flow, arrival: arrival,
          lag: now - arrival, overflows: heads[index].overflows))
    }
  }

  private func touch(_ member: Member) {
    guard member.round != round else { return }
    member.round = round
    touched.append(member)
  }

  /// Reads both clocks, once a round at most; a step is announced before anything of the round is handed over.
  func readClocks() {
    guard !hasBegun else { return }
    hasBegun = true
    guard let step = arrivals.begin(clock.tightReading()) else { return }
    logger.warning("\(Fault(.clockStepped, "\(step.milliseconds) ms"))")
    for member in Array(members.values) where member.sockets > 0 { member.receiver.clockStepped(by: step, at: arrivals.roundTime) }
  }

  /// Every ready socket has been read. Returns whether the clocks were read in this round.
  func endRound() -> Bool {
    for member in touched { member.receiver.roundEnded(at: arrivals.roundTime) }
    touched.removeAll(keepingCapacity: true)
    round &+= 1
    defer { hasBegun = false }
    return hasBegun
  }
}
