/// One declared parameter of a pipeline file: `#: name  Kind`.
public struct PipelineParameter: Hashable, Sendable {
  /// What a parameter may be bound to, as it is declared.
  public enum Kind: String, Sendable, CaseIterable {
    case caps = "Caps"
    case int = "Int"
    case double = "Double"
    /// A string property, or an enumeration by its nick.
    case string = "String"
    case bool = "Bool"
  }

  /// Between the braces in the file.
  public var name: String
  /// What its value must be.
  public var kind: Kind

  /// A parameter as a file declares it.
  public init(name: String, kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

/// What a parameter is bound to. A value is never parsed as part of the pipeline: `… ! filesink location=…` stays a value.
public enum PipelineValue: Hashable, Sendable {
  case caps(String)
  case int(Int64)
  case double(Double)
  case string(String)
  case bool(Bool)

  /// The kind of parameter that it may be bound to.
  public var kind: PipelineParameter.Kind {
    switch self {
    case .caps: .caps
    case .int: .int
    case .double: .double
    case .string: .string
    case .bool: .bool
    }
  }
}
