public import Model

/// Somebody who follows the journal for one subject: incidents' figures, their clocks, an uplink.
///
/// Its state is made of facts alone, so a restarted node goes on where it stood. ``FactFeed`` makes the calls, one after another: ``recover(_:)`` once,
/// then each fact of its kinds in the journal's order, none twice and none missing. ``tick(at:)`` may come between any two of them.
public protocol FactConsumer: Sendable {
  /// Facts of other kinds are never brought to it.
  var kinds: Set<String> { get }
  /// Before any other call: makes its state of the facts from before this start. It asks for those that still matter, so that a year costs no more than
  /// a day. Throws ``Fault`` when the index cannot be read.
  func recover(_ past: FactHistory) async throws(Fault)
  /// A fact that is on the disk.
  func apply(_ fact: Fact) async
  /// Once a second, for what happens because time passes.
  func tick(at now: BootTime) async
}

extension FactConsumer {
  // Whoever implements one of these writes `async` too: beside a plain function a call in an async context takes the default.

  /// For those who make their own facts and need only the past.
  public func apply(_ fact: Fact) async {}
  /// Nothing happens because time passes.
  public func tick(at now: BootTime) async {}
}
