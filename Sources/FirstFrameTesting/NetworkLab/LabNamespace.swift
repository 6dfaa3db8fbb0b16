internal import CNetworkLab
internal import Glibc

/// A network namespace without a name: it exists as long as this value, a thread in it or a descriptor made in it, so that a test that fails
/// or a process that is killed leaves nothing behind.
public final class LabNamespace: Sendable {
  /// Of the namespace; open as long as this value lives.
  public let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// A new one, with its loopback device up. Throws where the kernel refuses it (no root).
  public static func make() async throws -> LabNamespace {
    try await LabThread.run {
      LabNamespace(descriptor: try check("a network namespace", lab_new_namespace()))
    }
  }

  /// Moves the calling thread, and it alone, into the namespace for good.
  public func enter() throws(LabTrouble) { _ = try check("entering a namespace", lab_enter_namespace(descriptor)) }

  /// Runs a body that may block on a thread of its own inside the namespace.
  public func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await LabThread.run { [self] in
      try enter()
      return try body()
    }
  }

  /// What goes before a program's words to run it inside the namespace.
  public var prefix: [String] { ["nsenter", "--net=/proc/\(getpid())/fd/\(descriptor)"] }
}

/// The answer, unless it is −errno.
func check(_ what: String, _ answer: Int32) throws(LabTrouble) -> Int32 {
  guard answer >= 0 else { throw LabTrouble("\(what): \(String(cString: strerror(0 &- answer)))") }
  return answer
}
