/// Something in a publisher's packets that must not go to readers as it came.
public struct PacketEdit: Hashable, Sendable {
  /// What is put right.
  public enum Change: Hashable, Sendable {
    /// From here on so many ticks, modulo 2³², are added to the timestamps of a track: its clock jumped.
    case shift(track: UInt8, ticks: UInt32)
    /// The padding bit of the packet that begins here is cleared, if its count is wrong.
    case noPadding
  }

  /// Where the packet's frame begins, in bytes from the reader index of the batch's packets.
  public var offset: Int
  public var change: Change

  public init(offset: Int, change: Change) {
    self.offset = offset
    self.change = change
  }
}
