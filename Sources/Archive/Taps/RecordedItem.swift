internal import Model

/// One unit with its place in the recorder's own order.
struct RecordedUnit: Sendable {
  var unit: AccessUnit
  /// 0, 1, 2 … over all tracks of one recorder, in order of arrival.
  var position: UInt64
}

/// What happened on a stream, in order: what a recorder hands over every second, and what a spool gives back after a crash.
enum RecordedItem: Sendable {
  case described(RecordedStream)
  case unit(RecordedUnit)
  /// The publisher left; it may return.
  case interrupted(BootTime)
  /// The stream's name is free again, or the archive closes.
  case ended(BootTime)
}
