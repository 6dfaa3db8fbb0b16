internal import Model

/// Whether segments may be written, and what to record of it: each change once.
struct DiskGuard {
  enum Change: Equatable {
    case fault(Fault)
    case resumed(Fault)
    /// Thousandths that are free.
    case warning(Int)
  }

  private var shortage: Fault?
  private var refusal: Fault?
  private var hasWarned = false

  /// The share that stays free, in thousandths: a small disk's share is too little for journal, index and incidents.
  /// - Parameter capacity: nil where the store has none.
  static func reserve(_ permille: Int, bytes: Int64, of capacity: Int64?) -> Int {
    guard permille > 0, let capacity, capacity > 0, bytes > 0 else { return permille }
    return max(permille, Int(clamping: min(333, bytes.multipliedReportingOverflow(by: 1000).partialValue / capacity)))
  }

  var mayWrite: Bool { shortage == nil }

  /// Why nothing is written now, or the last round was refused; nil while all is well.
  var fault: Fault? { shortage ?? refusal }

  /// Why no new segment is opened, for every stream; nil while they are.
  var pausing: Fault? { shortage }

  /// - Parameter free: thousandths of the disk. Writing goes on once there is half a percent more than the reserve.
  mutating func space(_ free: Int, reserve: Int, warn: Int) -> Change? {
    if let known = shortage {
      guard free >= reserve + 5 else { return nil }
      shortage = nil
      return .resumed(known)
    }
    if free < reserve {
      let fault = Fault(.diskFull, "free: \(free) ‰, reserve: \(reserve) ‰")
      shortage = fault
      return .fault(fault)
    }
    if free >= warn + 5 { hasWarned = false }
    guard free < warn, !hasWarned else { return nil }
    hasWarned = true
    return .warning(free)
  }

  /// What one round met.
  mutating func report(_ faults: [Fault]) -> Change? {
    if let fault = faults.first {
      defer { refusal = fault }
      return refusal?.code == fault.code ? nil : .fault(fault)
    }
    guard let known = refusal else { return nil }
    refusal = nil
    return .resumed(known)
  }
}
