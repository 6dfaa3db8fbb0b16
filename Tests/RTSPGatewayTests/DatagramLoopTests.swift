import Dispatch
import Glibc
import Model
import NIOConcurrencyHelpers
import NIOCore
import Testing
import Wire

@testable import RTSPGateway

@Suite("The datagram loop")
struct DatagramLoopTests {
  private final class Receiver: DatagramReceiver {
    struct Came {
      var arrival: BootTime
      var lag: Nanoseconds
    }

    let came: AsyncStream<Came>
    private let coming: AsyncStream<Came>.Continuation

    init() { (came, coming) = AsyncStream.makeStream() }

    func receive(_ datagram: Datagram) { coming.yield(Came(arrival: datagram.arrival, lag: datagram.lag)) }
    func roundEnded(at now: BootTime) {}
    func clockStepped(by step: Nanoseconds, at now: BootTime) {}
  }

  @Test("tells when the kernel received a datagram, however late it is read itself")
  func kernelTime() async throws {
    let clock = SystemClock()
    let loop = try DatagramLoop(clock: clock, logger: TestGateway.logger)
    defer { loop.stop() }
    let host = PeerAddress(try SocketAddress(ipAddress: "127.0.0.1", port: 0))
    let ports = DatagramPorts(range: nil)
    let (pair, sender) = (try ports.take(host: host), try ports.take(host: host))
    let receiver = Receiver()
    loop.add(pair, track: 0, receiver: receiver)
    // The loop is held by other work, as a machine without time would hold it.
    let (stands, standing) = AsyncStream<Void>.makeStream()
    let gate = DispatchSemaphore(value: 0)
    loop.execute {
      standing.yield()
      gate.wait()
    }
    for await _ in stands { break }
    let before = clock.bootTime()
    let sent = host.with(port: pair.ports.rtp).withSockAddr { sendto(sender.rtp, [1, 2, 3] as [UInt8], 3, 0, $0, $1) }
    let after = clock.bootTime()
    #expect(sent == 3)
    while clock.bootTime() - after < .milliseconds(30) {}
    gate.signal()
    var arrivals = receiver.came.makeAsyncIterator()
    let came = try #require(await arrivals.next())
    // Reading two clocks one after the other is worth some microseconds.
    let slack = Nanoseconds(200_000)
    #expect(came.arrival >= before - slack && came.arrival <= after + slack)
    #expect(came.lag >= .milliseconds(29))
  }
}
