internal import Glibc
public import NIOCore

// TCP_INFO and the like, as NIO's own channels answer them.
extension MediaChannel: SocketOptionProvider {
  /// Sets an option of the socket. Fails on a closed channel, and with errno.
  public func unsafeSetSocketOption<Value: Sendable>(
    level: NIOBSDSocket.OptionLevel, name: NIOBSDSocket.Option, value: Value
  ) -> EventLoopFuture<Void> {
    loop.submit { [self] in
      guard isOpen else { throw ChannelError.ioOnClosedChannel }
      let answer = withUnsafeBytes(of: value) { setsockopt(descriptor, level.rawValue, name.rawValue, $0.baseAddress, socklen_t($0.count)) }
      if answer < 0 { throw IOError(errnoCode: errno, reason: "setsockopt") }
    }
  }

  /// Asks for an option of the socket: TCP_INFO. Fails on a closed channel, and with errno. `Value` is a plain C type.
  public func unsafeGetSocketOption<Value: Sendable>(level: NIOBSDSocket.OptionLevel, name: NIOBSDSocket.Option) -> EventLoopFuture<Value> {
    loop.submit { [self] in
      guard isOpen else { throw ChannelError.ioOnClosedChannel }
      var length = socklen_t(MemoryLayout<Value>.size)
      let room = UnsafeMutableRawBufferPointer.allocate(
        byteCount: MemoryLayout<Value>.stride, alignment: MemoryLayout<Value>.alignment)
      defer { room.deallocate() }
      room.initializeMemory(as: UInt8.self, repeating: 0)
      guard getsockopt(descriptor, level.rawValue, name.rawValue, room.baseAddress, &length) == 0 else {
        throw IOError(errnoCode: errno, reason: "getsockopt")
      }
      return room.loadUnaligned(fromByteOffset: 0, as: Value.self)
    }
  }

  /// The same by plain numbers.
  public func unsafeSetSocketOption<Value: Sendable>(
    level: SocketOptionLevel, name: SocketOptionName, value: Value
  ) -> EventLoopFuture<Void> {
    unsafeSetSocketOption(level: NIOBSDSocket.OptionLevel(rawValue: CInt(level)), name: NIOBSDSocket.Option(rawValue: CInt(name)), value: value)
  }

  /// The same by plain numbers.
  public func unsafeGetSocketOption<Value: Sendable>(level: SocketOptionLevel, name: SocketOptionName) -> EventLoopFuture<Value> {
    unsafeGetSocketOption(level: NIOBSDSocket.OptionLevel(rawValue: CInt(level)), name: NIOBSDSocket.Option(rawValue: CInt(name)))
  }
}
