internal import Model

extension IncidentFigures {
  /// The incident as `recompute` prints it: county's time, grade and both brackets, verdict (docs/recompute.md).
  var printed: PrintedJSON {
    .object([
      "id": .words(id), "policy": policy.map { .value($0.json) } ?? .value(.null), "limitSeconds": .seconds(limit),
      "county": .object([
        "seconds": .seconds(county?.time), "lowerSeconds": .seconds(county?.lower), "device": .words(county?.device),
        "unit": .words(county?.unit),
      ]),
      "province": .object([
        "name": .words(province?.name), "grade": .words(province?.grade.rawValue), "device": .words(province?.device),
        "unit": .words(province?.unit), "countyBracket": IncidentFigures.printed(province?.countyBracket),
        "provinceBracket": IncidentFigures.printed(province?.provinceBracket),
      ]),
      "closed": .value(.bool(isClosed)), "verdict": .words(verdict.rawValue),
      "reasons": .value(.array(reasons.map { .string($0.rawValue) })),
    ])
  }

  private static func printed(_ bracket: Bracket?) -> PrintedJSON {
    guard let bracket else { return .value(.null) }
    return .object(["lowerSeconds": .seconds(bracket.lower), "upperSeconds": .seconds(bracket.upper)])
  }
}
