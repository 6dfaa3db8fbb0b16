import Glibc
import Model
import Synchronization

@testable import Journal

/// The kernel's disk, but for what a test makes fail.
final class FailingDisk: AppendDisk {
  struct Plan {
    /// Writes fail with this errno after `partial` bytes.
    var writeError: Int32?
    var partial = 0
    var syncError: Int32?
    var truncateError: Int32?
    /// Nothing more is given ahead.
    var isFull = false
    var syncs = 0
    var writes = 0
  }

  let plan = Mutex(Plan())
  private let kernel = KernelDisk()

  func open(_ path: String, create: Bool) throws(Fault) -> Int32 { try kernel.open(path, create: create) }

  func write(_ file: Int32, _ bytes: [UInt8], _ path: String) throws(Fault) {
    let (error, partial) = plan.withLock { plan in
      plan.writes += 1
      return (plan.writeError, plan.partial)
    }
    if let error {
      try kernel.write(file, Array(bytes.prefix(partial)), path)
      throw Disk.fault(error, path)
    }
    try kernel.write(file, bytes, path)
  }

  func preallocate(_ file: Int32, from offset: Int64, bytes: Int64) -> Preallocation {
    plan.withLock { $0.isFull } ? .full : kernel.preallocate(file, from: offset, bytes: bytes)
  }

  func sync(_ file: Int32, _ path: String) throws(Fault) {
    let error = plan.withLock { plan in
      plan.syncs += 1
      return plan.syncError
    }
    if let error { throw Disk.fault(error, path) }
    try kernel.sync(file, path)
  }

  func truncate(_ file: Int32, to size: Int64, _ path: String) throws(Fault) {
    if let error = plan.withLock({ $0.truncateError }) { throw Disk.fault(error, path) }
    try kernel.truncate(file, to: size, path)
  }
}
