internal import Model

/// What the writer must know of a unit that went into a tap, until its block came out.
struct UnitNote: Sendable {
  var position: UInt64
  var firstArrival: BootTime
  var arrival: BootTime
  var bytes: Int
  var track: UInt8
  var isVideo: Bool
  /// Index into the run's sessions.
  var session: Int32
}
