public import Model

/// Whether the node can do all of its work.
public protocol HealthSource: Sendable {
  /// As it is now; takes as long as the disk takes to answer.
  func health() async -> NodeHealth
}

/// What is wrong with a node now, and how much room its disk has.
public struct NodeHealth: Sendable {
  /// Which work is hindered.
  public enum Part: String, Sendable, CaseIterable {
    /// The data folder's disk is full, or nearly.
    case disk
    /// Streams are not recorded.
    case recording
    /// Facts are not written: whatever happens now is not on record.
    case journal
  }

  /// One thing that is wrong.
  public struct Problem: Sendable {
    /// Which work it hinders.
    public var part: Part
    /// Why.
    public var fault: Fault

    public init(_ part: Part, _ fault: Fault) {
      self.part = part
      self.fault = fault
    }
  }

  /// Empty while all is well.
  public var problems: [Problem]
  /// Of the data folder's disk, in bytes: what this node may still write, and its size. Nil when the disk does not say.
  public var disk: (free: Int64, size: Int64)?

  public init(problems: [Problem] = [], disk: (free: Int64, size: Int64)? = nil) {
    self.problems = problems
    self.disk = disk
  }

  /// For everybody: no paths, no sizes.
  var json: [JSON] {
    problems.map { problem in
      [
        "part": .string(problem.part.rawValue), "code": .string(problem.fault.code.rawValue),
        "happened": ["zh": .string(problem.fault.happened.zh), "en": .string(problem.fault.happened.en)],
        "toDo": ["zh": .string(problem.fault.toDo.zh), "en": .string(problem.fault.toDo.en)],
      ]
    }
  }
}
