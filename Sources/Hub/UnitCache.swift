internal import Model
internal import NIOCore

/// The access units since the newest key unit.
struct UnitCache {
  private(set) var units: [AccessUnit] = []
  private(set) var startsWithKey = false
  private var size = 0
  let limit: Int

  init(limit: Int) { self.limit = limit }

  /// - Parameter keyTrack: the track whose key units restart the cache; nil when every unit is a start (audio only).
  mutating func append(_ unit: AccessUnit, keyTrack: UInt8?) {
    if unit.track == keyTrack, unit.isKey {
      units.removeAll(keepingCapacity: true)
      size = 0
      startsWithKey = true
    }
    guard keyTrack != nil else { return }
    size += unit.payload.readableBytes
    guard size <= limit else { return clear() }
    units.append(unit)
  }

  mutating func clear() {
    units.removeAll()
    size = 0
    startsWithKey = false
  }
}
