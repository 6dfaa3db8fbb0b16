import Glibc
import Model
import Synchronization

@testable import Archive

/// The kernel's disk, which refuses some calls, by their number from 1. A refused write has written half before, as a full disk does.
final class FaultyDisk: ArchiveDisk {
  private let kernel = KernelArchiveDisk()
  private let refused: ClosedRange<Int>
  private let number: Int32
  private let log = Mutex<[String]>([])

  /// - Parameter refused: empty range not possible: 0...0 refuses nothing.
  init(refusing refused: ClosedRange<Int> = 0...0, with number: Int32 = EIO) {
    self.refused = refused
    self.number = number
  }

  /// The calls so far, by name.
  var calls: [String] { log.withLock { $0 } }

  private func isRefused(_ call: String) -> Bool {
    let count = log.withLock { log in
      log.append(call)
      return log.count
    }
    return refused.contains(count)
  }

  private func check(_ call: String, _ path: String) throws(Fault) { if isRefused(call) { throw Disk.fault(number, path) } }

  func create(_ path: String) throws(Fault) -> Int32 {
    try check("create", path)
    return try kernel.create(path)
  }

  func write(_ file: Int32, _ bytes: UnsafeRawBufferPointer, _ path: String) throws(Fault) {
    if isRefused("write") {
      try kernel.write(file, UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)]), path)
      throw Disk.fault(number, path)
    }
    try kernel.write(file, bytes, path)
  }

  func sync(_ file: Int32, _ path: String) throws(Fault) {
    try check("sync", path)
    try kernel.sync(file, path)
  }

  func truncate(_ file: Int32, to size: Int64, _ path: String) throws(Fault) {
    try check("truncate", path)
    try kernel.truncate(file, to: size, path)
  }

  func rename(_ from: String, to: String) throws(Fault) {
    try check("rename", from)
    try kernel.rename(from, to: to)
  }

  func syncFolder(_ path: String) throws(Fault) {
    try check("syncFolder", path)
    try kernel.syncFolder(path)
  }

  func freePermille(_ path: String) -> Int? { kernel.freePermille(path) }
}
