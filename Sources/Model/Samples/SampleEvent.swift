/// Something other than a frame or a second that figures depend on.
public struct SampleEvent: Hashable, Sendable {
  /// Numbers are the bytes in sample files and never change their meaning.
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// Values: width, height in pixels (0 unknown), nominal frame rate × 1000 (0 unknown). Holds from here on.
    case trackFormat = 1
    /// Value: the wall clock's step in nanoseconds. Closes the window at the second sample before it.
    case clockStep = 2
    /// The session ended (BYE, TEARDOWN, disconnect, or 2 s after the last packet). Closes the last window.
    case closed = 3
    /// Values: black, frozen, silent: 1 from ``at`` on it is so, 0 it is not, −1 says nothing. ``at`` may lie before the record's place in the file, but for
    /// each value never before the last event that gave it.
    case probe = 4
    /// One decoded picture, ``at`` the arrival of its first packet. Values: dark pixels in thousandths, variance of luma in millionths, difference to the
    /// first picture of its still stretch in millionths (−1: none before).
    case look = 5
    /// One decoded stretch of sound, ``at`` the arrival of its first unit. Values: length in nanoseconds, peak in thousandths of a dBFS, 0.
    case sound = 6
    /// A key unit came whole from one of our nodes, ``at`` the arrival of its last packet. Values: the instant before its first write on the sender's boot
    /// clock, and the least and the most by which that clock is ahead of ours, all in nanoseconds.
    case transit = 7
  }

  /// When it happened.
  public var at: BootTime
  /// Says what the values mean.
  public var kind: Kind
  /// ``Track/index``; 0 where the event is the session's.
  public var track: UInt8
  /// See ``Kind``.
  public var value1: Int64
  /// See ``Kind``.
  public var value2: Int64
  /// See ``Kind``.
  public var value3: Int64

  public init(at: BootTime, kind: Kind, track: UInt8 = 0, value1: Int64 = 0, value2: Int64 = 0, value3: Int64 = 0) {
    self.at = at
    self.kind = kind
    self.track = track
    self.value1 = value1
    self.value2 = value2
    self.value3 = value3
  }
}
