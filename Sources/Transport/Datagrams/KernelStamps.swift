internal import CLinux

/// Keeps the kernel stamping what it receives.
///
/// Linux stamps while any socket has asked for it, and begins only a moment after the first has: it leaves that to a work queue
/// (net_enable_timestamp). What comes before gets the time of its read; of 100 datagrams, each sent right after its socket was made, three did.
/// One socket that has asked, from the first pool of ports on for as long as the process lives, puts this moment before the first session. It costs
/// every packet of the machine some 20 ns.
enum KernelStamps {
  /// Made once; −errno when the kernel has none left, and then the moment is the first watched socket's.
  private static let socket = ff_stamping_socket()

  static func keep() { _ = socket }
}
