/// A boot time together with the node and the boot that it belongs to.
///
/// Boot times of two nodes, or of one node before and after a reboot, have nothing in common: their difference is nil, never a number.
public struct NodeInstant: Hashable, Sendable {
  /// The node's name.
  public var node: String
  /// The kernel's boot id.
  public var boot: String
  /// On that node, in that boot.
  public var time: BootTime

  public init(node: String, boot: String, time: BootTime) {
    self.node = node
    self.boot = boot
    self.time = time
  }

  /// When a fact's event happened.
  public init(_ fact: Fact) { self.init(node: fact.node, boot: fact.boot, time: fact.bootTime) }

  /// The same clock at another time.
  public func at(_ time: BootTime) -> NodeInstant { NodeInstant(node: node, boot: boot, time: time) }

  /// Whether the two can be subtracted.
  public func sharesClock(with other: NodeInstant) -> Bool { node == other.node && boot == other.boot }

  /// The interval between two instants of one clock; nil across nodes or boots.
  public static func - (a: NodeInstant, b: NodeInstant) -> Nanoseconds? { a.sharesClock(with: b) ? a.time - b.time : nil }
}
