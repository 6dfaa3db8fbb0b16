import Model
import NIOCore
import Testing

@testable import Transport

@Suite("UDP sockets")
struct DatagramSocketTests {
  private func code(_ body: () throws -> Void) -> FaultCode? {
    do {
      try body()
      return nil
    } catch {
      return (error as? Fault)?.code
    }
  }

  @Test("a pair lies on an even port and the next; a port that is taken makes none, and gives back the other")
  func pair() throws {
    let host = try PeerAddress.loopback
    let pair = try DatagramPorts(range: nil, setting: "test").bindPair(host: host)
    #expect(pair.rtp.port % 2 == 0 && pair.rtcp.port == pair.rtp.port + 1)
    #expect(try DatagramSocketPair.bind(host: host, port: pair.rtp.port) == nil)
    #expect(try DatagramSocketPair.bind(host: host, port: pair.rtp.port + 1) == nil)
    // RTCP's port is taken, RTP's is free, and stays so.
    let (port, rtcp) = (pair.rtp.port &+ 1000, try? DatagramSocket.bind(host.with(port: pair.rtp.port &+ 1001)))
    #expect(try DatagramSocketPair.bind(host: host, port: port) == nil)
    withExtendedLifetime(rtcp) {}
  }

  @Test("a socket closes with its last reference, and not before")
  func lifetime() throws {
    let host = try PeerAddress.loopback
    let ports = DatagramPorts(range: nil, setting: "test")
    var pair: DatagramSocketPair? = try ports.bindPair(host: host)
    let address = try #require(pair?.rtp.address)
    var sender: DatagramSender? = pair.map { DatagramSender(pair: $0, rtpPeer: address, rtcpPeer: address) }
    pair = nil
    #expect(code { _ = try DatagramSocket.bind(address) } == .portInUse)
    sender?.punch()
    sender = nil
    #expect(code { _ = try DatagramSocket.bind(address) } == nil)
  }

  @Test("a range is handed out in turn, a port that was just let go last, and its end is announced by the setting's name")
  func range() throws {
    let host = try PeerAddress.loopback
    // Four pairs that are free, below the ports that the kernel chooses.
    var start: UInt16 = 0
    for candidate in stride(from: UInt16(20_001), to: 32_000, by: 10) {
      let taken = (candidate...candidate + 8).contains { port in
        code { _ = try DatagramSocket.bind(host.with(port: port)) } != nil
      }
      if !taken {
        start = candidate
        break
      }
    }
    let ports = DatagramPorts(range: start...start + 8, setting: "test.ports")
    var pairs = try (0..<4).map { _ in try ports.bindPair(host: host) }
    #expect(pairs.map(\.rtp.port) == [start + 1, start + 3, start + 5, start + 7])
    let fault: Fault?
    do throws(Fault) {
      _ = try ports.bindPair(host: host)
      fault = nil
    } catch {
      fault = error
    }
    #expect(fault == Fault(.portInUse, "test.ports \(start)-\(start + 8)"))
    pairs.removeFirst(2)
    let again = try (0..<2).map { _ in try ports.bindPair(host: host) }
    #expect(Set(again.map(\.rtp.port)) == [start + 1, start + 3])
  }

  @Test("ports that are shared are bound twice, others are not")
  func shared() throws {
    let first = try DatagramSocket.bind(.loopback, sharesPort: true)
    let second = try DatagramSocket.bind(first.address, sharesPort: true)
    #expect(first.port == second.port)
    #expect(code { _ = try DatagramSocket.bind(first.address) } == .portInUse)
    let alone = try DatagramSocket.local()
    #expect(code { _ = try DatagramSocket.bind(alone.address, sharesPort: true) } == .portInUse)
  }

  @Test("an address that is not ours is refused, a datagram that is too long is not sent")
  func refused() throws {
    let strange = PeerAddress(try SocketAddress(ipAddress: "192.0.2.77", port: 0))
    #expect(code { _ = try DatagramSocket.bind(strange) } == .transportUnsupported)
    let socket = try DatagramSocket.local()
    #expect(socket.send([UInt8](repeating: 0, count: 65_600), to: socket.address) != .sent)
    #expect(socket.send([1], to: socket.address) == .sent)
  }

  @Test("addresses are equal by family, host and port")
  func addresses() throws {
    func address(_ ip: String, _ port: Int) throws -> PeerAddress { PeerAddress(try SocketAddress(ipAddress: ip, port: port)) }
    let four = try address("192.0.2.1", 5004)
    #expect(try four == address("192.0.2.1", 5004))
    #expect(try four != address("192.0.2.2", 5004))
    #expect(try four != address("192.0.2.1", 5005))
    #expect(try four.sameHost(as: address("192.0.2.1", 9)))
    #expect(four.with(port: 9).port == 9 && four.port == 5004 && !four.isIPv6)
    let six = try address("2001:db8::1", 5004)
    #expect(try six == address("2001:db8::1", 5004) && six.isIPv6)
    // The first and the last eight bytes count.
    #expect(try !six.sameHost(as: address("2001:db8::2", 5004)) && !six.sameHost(as: address("2001:db9::1", 5004)))
    #expect(try !four.sameHost(as: address("::c000:201", 5004)))
    #expect(try Set([four, six, address("192.0.2.1", 5004)]).count == 2)
    #expect(four.description == "192.0.2.1:5004" && six.description == "[2001:db8::1]:5004")
  }

  @Test("of framed packets one channel's are sent, each as one datagram, to the peer's two ports")
  func sender() async throws {
    try await withLoop { loop in
      let host = try PeerAddress.loopback
      let ports = DatagramPorts(range: nil, setting: "test")
      let (mine, theirs) = (try ports.bindPair(host: host), try ports.bindPair(host: host))
      let receiver = DatagramEvents()
      let watches = try await loop.submit { try loop.watch(theirs, rtpFlow: 4, rtcpFlow: 5, receiver: receiver) }.get()
      var sender = DatagramSender(pair: mine, rtpPeer: theirs.rtp.address, rtcpPeer: theirs.rtcp.address)
      // Runs of equal length, which may go as one train, and others.
      let lengths = [1200, 1200, 1200, 700, 1, 1200, 1200, 64, 64, 64, 64, 9000]
      let packets = lengths.enumerated().map { [UInt8](repeating: UInt8($0.offset), count: $0.element) }
      var framed = ByteBuffer()
      for packet in packets {
        for (channel, bytes) in [(UInt8(0), packet), (1, [9, 9, 9])] {
          framed.writeBytes([0x24, channel])
          framed.writeInteger(UInt16(bytes.count))
          framed.writeBytes(bytes)
        }
      }
      sender.send(framed: framed, channel: 0)
      let events = await receiver.until { $0.bytes == packets.last }
      #expect(events.compactMap(\.bytes) == packets)
      #expect(sender.packets == 12 && sender.bytes == UInt64(lengths.reduce(0, +)) && sender.dropped == 0)
      sender.send(rtcp: ByteBuffer(bytes: [1, 2, 3, 4]))
      guard case .datagram(5, [1, 2, 3, 4], _, _, _)? = await receiver.until({ $0.bytes == [1, 2, 3, 4] }).last else {
        Issue.record("no report")
        return
      }
      sender.punch()
      var punched: [Int: Int] = [:]
      _ = await receiver.until { event in
        if case .datagram(let flow, let bytes, _, _, _) = event { punched[flow] = bytes.count }
        return punched.count == 2
      }
      #expect(punched == [4: 12, 5: 8])
      loop.unwatch(watches.rtp)
      loop.unwatch(watches.rtcp)
      #expect(try await loop.submit { try loop.watch(theirs.rtcp, flow: 1, receiver: receiver) }.get().key != watches.rtcp.key)
    }
  }
}
