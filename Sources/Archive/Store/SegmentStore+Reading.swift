internal import Crypto
internal import FoundationEssentials
internal import Model

extension SegmentStore {
  /// SHA-256 and size of a file, read in pieces; nil when there is none.
  func digest(of path: String) throws(Fault) -> (sha256: String, bytes: Int64)? {
    let piece: Int64 = 1 << 20
    var hash = SHA256()
    var total: Int64 = 0
    while let bytes = try read(path, total..<(total &+ piece)) {
      hash.update(data: bytes)
      total &+= Int64(bytes.count)
      if bytes.count < piece { return (Hex.encode(hash.finalize()), total) }
    }
    return nil
  }

  /// All bytes of a file; nil when there is none, or when it is longer than a segment can be.
  func readWhole(_ path: String) throws(Fault) -> [UInt8]? {
    guard let size = try info(path)?.bytes, size <= 1 << 30 else { return nil }
    return try read(path, 0..<size)
  }
}
