public import Model

/// One step that was taken, for one device or for the whole incident.
public struct Step: Hashable, Sendable {
  /// Which step of the time line.
  public var id: StepID
  /// On the county's clock. The event lies in [at − uncertainty, at].
  public var at: NodeInstant
  /// How much earlier it may have been.
  public var uncertainty: Nanoseconds
  /// A label.
  public var wall: String
  /// The kind of fact that it comes from.
  public var source: String
  /// Nil for a step of the whole incident.
  public var device: String?

  init(_ id: StepID, _ fact: Fact, device: String? = nil, uncertainty: Nanoseconds = .zero) {
    self.id = id
    at = NodeInstant(fact)
    self.uncertainty = uncertainty
    wall = fact.wall
    source = fact.kind
    self.device = device
  }

  /// As a `verdict` fact carries it.
  public var json: JSON {
    [
      "id": .string(id.rawValue), "boot": .string(at.boot), "bootNs": .int(at.time.nanoseconds), "uncertaintyNs": .int(uncertainty.value),
      "wall": .string(wall), "source": .string(source), "device": .words(device),
    ]
  }
}
