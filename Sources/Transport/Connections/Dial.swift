internal import CLinux
internal import Glibc
internal import Model
internal import NIOCore

/// One outgoing connection while it is being made: looks the name up elsewhere, tries each address in turn, keeps the deadline.
///
/// `@unchecked Sendable`: everything mutable is touched on the loop only, but for `lookup`, which is locked.
final class Dial: @unchecked Sendable {
  /// Whom to connect to, and what for.
  struct Target: Sendable {
    var host: String
    var port: UInt16
    var queueLimit: Int
    var security: MediaChannel.Security?
    var setUp: @Sendable (MediaChannel) throws -> Void
  }

  private let target: Target
  private let loop: MediaLoop
  private let deadline: NIODeadline
  private let timeout: Nanoseconds
  private let promise: EventLoopPromise<MediaChannel>
  private let lookup = NameLookup.Ticket()
  private var addresses: [SocketAddress] = []
  /// Address and reason of each attempt that failed.
  private var failures: [(address: SocketAddress, reason: String)] = []
  /// The socket that is being connected and its key.
  private var attempt: (descriptor: CInt, key: UInt64, address: SocketAddress, timer: TimerHeap.Timer)?
  private var timer: TimerHeap.Timer?
  private var isOver = false

  init(_ target: Target, on loop: MediaLoop, timeout: Nanoseconds, promise: EventLoopPromise<MediaChannel>) {
    self.target = target
    self.loop = loop
    self.timeout = timeout
    self.promise = promise
    deadline = .now() + .nanoseconds(timeout.value)
  }

  /// On the loop.
  func start(_ resolve: @escaping NameLookup.Resolver) {
    let timer = TimerHeap.Timer(deadline: deadline) { [self] isDue in
      fail(isDue ? "no answer in \(timeout.seconds) s" : "the loop has stopped")
    }
    self.timer = timer
    loop.insert(timer)
    guard !isOver else { return }
    if let address = try? SocketAddress(ipAddress: target.host, port: Int(target.port)) { return found([address]) }
    NameLookup.start(target.host, port: target.port, by: resolve, lookup) { [self] result in
      loop.execute { [self] in
        switch result {
        case .success(let addresses): found(addresses)
        case .failure(let fault): fail(fault.detail)
        }
      }
    }
  }

  private func found(_ addresses: [SocketAddress]) {
    self.addresses = addresses.reversed()
    tryNext()
  }

  // MARK: Attempts

  private func tryNext() {
    while !isOver {
      guard let address = addresses.popLast() else { return fail(reason) }
      let descriptor = address.withSockAddr { ff_connect($0, socklen_t($1)) }
      if descriptor < 0 {
        note(address, 0 &- descriptor)
      } else if wait(descriptor, address) {
        return
      }
    }
  }

  /// Waits for a socket that is being connected; false when it cannot be waited for.
  private func wait(_ descriptor: CInt, _ address: SocketAddress) -> Bool {
    guard let key = loop.add(self, descriptor) else {
      close(descriptor)
      note(address, ENOMEM)
      return false
    }
    // An address that does not answer may use its share of the time that is left, so that the others have theirs.
    let now = NIODeadline.now()
    let share = TimeAmount.nanoseconds(max(0, (deadline - now).nanoseconds) / Int64(addresses.count + 1))
    let timer = TimerHeap.Timer(deadline: now + share) { [self] isDue in
      guard isDue, !addresses.isEmpty else { return }
      note(address, ETIMEDOUT)
      closeAttempt()
      tryNext()
    }
    attempt = (descriptor, key, address, timer)
    loop.insert(timer)
    return true
  }

  /// The socket is connected, or has failed.
  func isReady() {
    guard !isOver, let attempt else { return }
    let error = ff_socket_error(attempt.descriptor)
    if error == 0 { return connected(attempt.descriptor, attempt.key) }
    note(attempt.address, error)
    closeAttempt()
    tryNext()
  }

  private func note(_ address: SocketAddress, _ error: CInt) { failures.append((address, String(cString: strerror(error)))) }

  private func closeAttempt() {
    guard let attempt else { return }
    attempt.timer.body = nil
    loop.remove(attempt.key, attempt.descriptor)
    close(attempt.descriptor)
    self.attempt = nil
  }

  // MARK: Endings

  private func connected(_ descriptor: CInt, _ key: UInt64) {
    attempt?.timer.body = nil
    attempt = nil
    loop.remove(key, descriptor)
    end()
    do {
      promise.succeed(
        try MediaChannel.open(descriptor, on: loop, queueLimit: target.queueLimit, security: target.security, setUp: target.setUp))
    } catch {
      promise.fail(error as? Fault ?? Dial.fault(target, "\(error)"))
    }
  }

  private func fail(_ reason: String) {
    guard !isOver else { return }
    closeAttempt()
    end()
    promise.fail(Dial.fault(target, reason))
  }

  private func end() {
    isOver = true
    lookup.cancel()
    timer?.body = nil
    timer = nil
    addresses = []
  }

  /// Of one address its reason, of several each one's.
  private var reason: String {
    guard let only = failures.first else { return "the name has no address" }
    guard failures.count > 1 else { return only.reason }
    return failures.map { "\($0.address.ipAddress ?? "") \($0.reason)" }.joined(separator: "; ")
  }

  static func fault(_ target: Target, _ reason: String) -> Fault { Fault(.peerUnreachable, "\(target.host):\(target.port): \(reason)") }
}
