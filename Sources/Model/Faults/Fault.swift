/// A failure as log, API and page show it: a code from the catalogue, whose side it is on, what happened, what to do; Chinese first.
public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
  /// Which failure it is; texts, origin and HTTP status follow from it.
  public var code: FaultCode
  /// What in particular: a name, a number, an errno text. Never a secret.
  public var detail: String

  /// - Parameter detail: what in particular failed; it is shown to the user, so it must not hold a secret.
  public init(_ code: FaultCode, _ detail: String = "") {
    self.code = code
    self.detail = detail
  }

  /// Whose side the failure is on.
  public var origin: Origin { code.origin }
  /// What happened, without ``detail``.
  public var happened: Bilingual { code.happened }
  /// What the reader can do about it.
  public var toDo: Bilingual { code.toDo }

  /// One line for the log, in both languages.
  public var description: String {
    let tail = detail.isEmpty ? "" : ": \(detail)"
    return "\(code.rawValue) [\(origin.rawValue)] \(happened.zh)\(tail)。\(toDo.zh) | \(happened.en)\(tail). \(toDo.en)"
  }

  /// The object that API answers and facts carry: `{code, origin, detail, happened: {zh, en}, toDo: {zh, en}}`.
  public var json: JSON {
    [
      "code": .string(code.rawValue), "origin": .string(origin.rawValue), "detail": .string(detail),
      "happened": ["zh": .string(happened.zh), "en": .string(happened.en)], "toDo": ["zh": .string(toDo.zh), "en": .string(toDo.en)],
    ]
  }
}
