internal import Logging

/// Starts the parts of a node one after the other and remembers in which order.
struct PartStack {
  private let logger: Logger
  private let ending: NodeEnding
  /// The parts that run, the oldest first.
  private(set) var started: [StartedPart] = []

  /// - Parameter ending: learns why the node ends, when a part ends by itself.
  init(ending: NodeEnding, logger: Logger) {
    self.ending = ending
    self.logger = logger
  }

  /// Starts one more part and returns what other parts need of it.
  mutating func start<Part: NodePart>(_ part: Part) async throws -> Part.Product {
    logger.debug("starting", metadata: ["part": "\(part.name)"])
    let product = try await part.start()
    started.append(
      StartedPart(
        name: part.name, logger: logger, ending: ending, awaitEnd: { try await part.awaitEnd(product) }, stop: { await part.stop(product) }))
    return product
  }

  /// Stops every part that was started, the newest first.
  mutating func undo() async {
    while let part = started.popLast() { await part.stop() }
  }
}
