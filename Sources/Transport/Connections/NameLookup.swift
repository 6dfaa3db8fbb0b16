internal import Glibc
internal import Model
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// Looks up names without blocking a loop.
enum NameLookup {
  /// The addresses of a host, best first. May block.
  typealias Resolver = @Sendable (_ host: String, _ port: UInt16) throws(Fault) -> [SocketAddress]

  /// One question, for as long as somebody waits for its answer.
  final class Ticket: Sendable {
    private let isWanted = NIOLockedValueBox(true)

    func cancel() { isWanted.withLockedValue { $0 = false } }
    fileprivate var isCancelled: Bool { isWanted.withLockedValue { !$0 } }
  }

  /// Threads of its own and not NIO's common pool: with a name server that is gone a look-up takes half a minute, and in the common pool receipts
  /// and snapshots would wait behind it.
  private static let pool: NIOThreadPool = {
    let pool = NIOThreadPool(numberOfThreads: 4)
    pool.start()
    return pool
  }()

  /// - Parameter done: called on a thread of the pool, or not at all once the ticket is cancelled: what nobody waits for any more takes no time.
  static func start(
    _ host: String, port: UInt16, by resolve: @escaping Resolver, _ ticket: Ticket, done: @escaping @Sendable (Result<[SocketAddress], Fault>) -> Void
  ) {
    pool.submit { _ in
      guard !ticket.isCancelled else { return }
      do throws(Fault) {
        done(.success(try resolve(host, port)))
      } catch {
        done(.failure(error))
      }
    }
  }

  /// By the system: hosts file, name servers; in the order of RFC 6724.
  /// - Throws: ``FaultCode/peerUnreachable``.
  static func system(_ host: String, _ port: UInt16) throws(Fault) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    let answer = getaddrinfo(host, "\(port)", &hints, &list)
    guard answer == 0 else { throw Fault(.peerUnreachable, String(cString: gai_strerror(answer))) }
    defer { freeaddrinfo(list) }
    return sequence(first: list, next: { $0?.pointee.ai_next }).prefix { $0 != nil }.compactMap { $0.flatMap(address) }
  }

  private static func address(_ entry: UnsafeMutablePointer<addrinfo>) -> SocketAddress? {
    guard let address = entry.pointee.ai_addr else { return nil }
    return SocketAddresses.address(UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen)))
  }
}
