/// A failure as it is told in log, API and page: a code from the catalogue, whose side it is on, what happened, what to do; Chinese first.
public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
  public var code: FaultCode
  /// What in particular: a name, a number, an errno text. Never a secret.
  public var detail: String

  public init(_ code: FaultCode, _ detail: String = "") {
    self.code = code
    self.detail = detail
  }

  public var origin: Origin { code.entry.origin }
  public var happened: Bilingual { code.entry.happened }
  public var toDo: Bilingual { code.entry.toDo }

  public var description: String {
    let tail = detail.isEmpty ? "" : ": \(detail)"
    return "\(code.rawValue) [\(origin.rawValue)] \(happened.zh)\(tail)。\(toDo.zh) | \(happened.en)\(tail). \(toDo.en)"
  }

  public var json: JSON {
    [
      "code": .string(code.rawValue), "origin": .string(origin.rawValue), "detail": .string(detail),
      "happened": ["zh": .string(happened.zh), "en": .string(happened.en)], "toDo": ["zh": .string(toDo.zh), "en": .string(toDo.en)],
    ]
  }
}

/// One text in both languages the product speaks.
public struct Bilingual: Hashable, Sendable {
  public var zh: String
  public var en: String
  public init(zh: String, en: String) {
    self.zh = zh
    self.en = en
  }
}
