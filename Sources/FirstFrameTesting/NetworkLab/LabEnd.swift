internal import CNetworkLab
internal import Glibc

/// One side of the link: its TUN device, and the packet socket that shows the kernel's stamps of what it sends and receives.
final class LabEnd: Sendable {
  let tun: Int32
  let tap: Int32

  /// On a thread inside the side's namespace.
  init(device: String, address: UInt32, peer: UInt32) throws(LabTrouble) {
    tun = try check("the device \(device)", lab_tun(device, address, peer, 1500, 5000))
    let tap = lab_tap(device, 16 << 20)
    if tap < 0 { close(tun) }
    self.tap = try check("a packet socket on \(device)", tap)
  }

  deinit {
    close(tun)
    close(tap)
  }
}
