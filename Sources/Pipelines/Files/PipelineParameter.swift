/// One declared parameter of a pipeline file: `#: name  Kind`.
public struct PipelineParameter: Hashable, Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    case caps = "Caps"
    case int = "Int"
    case double = "Double"
    /// A string property, or an enumeration by its nick.
    case string = "String"
    case bool = "Bool"
  }

  public var name: String
  public var kind: Kind

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
