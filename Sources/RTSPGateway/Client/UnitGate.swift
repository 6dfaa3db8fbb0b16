internal import Model

/// Lets units through while there is room; after a lack of room, from the next key unit on (cf. ``ReaderGate``, which gates bytes).
struct UnitGate {
  private(set) var droppedUnits: UInt64 = 0
  private(set) var drops: UInt64 = 0
  private var isOpen: Bool
  private let keyTrack: UInt8?

  /// - Parameter keyTrack: the track whose key units open it; nil when any unit does (audio only).
  init(keyTrack: UInt8?) {
    self.keyTrack = keyTrack
    isOpen = keyTrack == nil
  }

  mutating func admits(_ unit: AccessUnit, hasRoom: Bool) -> Bool {
    if isOpen {
      if hasRoom { return true }
      isOpen = false
      drops &+= 1
    } else if hasRoom, keyTrack == nil || (unit.track == keyTrack && unit.isKey) {
      isOpen = true
      return true
    }
    droppedUnits &+= 1
    return false
  }
}
