public import Model

/// Something that was offered as a first picture or as its proof and does not count, and why.
public struct Refusal: Hashable, Sendable {
  /// `picture` or `receipt`.
  public var what: String
  /// Device, or uplink of a receipt.
  public var from: String
  /// Reasons of `picture.refused` and `receipt.refused` in docs/facts.md; `notEligible`, `times`, `content` besides.
  public var reason: String
  /// On the county's clock.
  public var at: NodeInstant

  /// As a `verdict` fact carries it.
  public var json: JSON {
    [
      "what": .string(what), "from": .string(from), "reason": .string(reason), "boot": .string(at.boot),
      "bootNs": .int(at.time.nanoseconds),
    ]
  }
}
