internal import Glibc
internal import Model

/// A lossy network between two namespaces, in user space, with a truth log (docs/lab.md): a TUN device in each, one thread that carries IPv4
/// packets between them, delays, loses, doubles and reorders them as an ``Impairment`` says, and writes down what it did.
public final class NetworkLab: Sendable {
  /// The same in every lab: its namespaces know nothing but each other.
  public static let fieldAddress = "10.78.0.1"
  /// See ``fieldAddress``.
  public static let centreAddress = "10.78.0.2"

  /// Where the device's programs run.
  public let field: LabNamespace
  /// Where the relay runs.
  public let centre: LabNamespace
  private let engine: LabEngine

  /// - Parameters:
  ///   - forward: from the field to the centre.
  ///   - back: from the centre to the field.
  public init(seed: UInt64, forward: Impairment, back: Impairment) async throws {
    field = try await LabNamespace.make()
    centre = try await LabNamespace.make()
    let fieldEnd = try await field.run { try LabEnd(device: "lab-field", address: 0x0A4E_0001, peer: 0x0A4E_0002) }
    let centreEnd = try await centre.run { try LabEnd(device: "lab-centre", address: 0x0A4E_0002, peer: 0x0A4E_0001) }
    engine = try LabEngine(
      field: fieldEnd, centre: centreEnd, forward: FateDecider(seed: seed &* 2, impairment: forward),
      back: FateDecider(seed: seed &* 2 &+ 1, impairment: back))
    try engine.start()
  }

  deinit { engine.stop { _ in } }

  /// What the link does from now on; what was sent before has its fate already.
  public func change(forward: Impairment, back: Impairment) async {
    await withCheckedContinuation { continuation in engine.change(forward: forward, back: back) { continuation.resume() } }
  }

  /// Ends the link: what was still on its way is gone.
  public func stop() async -> TruthLog {
    await withCheckedContinuation { continuation in engine.stop { continuation.resume(returning: $0) } }
  }

  /// Why there can be no lab here; nil when there can.
  public static let obstacle: String? = {
    guard geteuid() == 0 else { return "the network lab needs root: network namespaces and /dev/net/tun" }
    guard access("/dev/net/tun", R_OK | W_OK) == 0 else { return "the network lab needs /dev/net/tun" }
    return nil
  }()
}
