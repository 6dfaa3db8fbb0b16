/// A socket that a loop watches, for ``MediaLoop/unwatch(_:)``. The loop holds socket and receiver until then, or until it ends.
public struct DatagramWatch: Sendable {
  let loop: ObjectIdentifier
  let key: UInt64
}
