public import Model

extension QualityWindow {
  /// Every window of a session from its samples, in the order of the file: what recomputation does.
  public static func rebuild(from records: some Sequence<SampleRecord>, header: SampleHeader) -> [QualityWindow] {
    var figures = SessionFigures(header: header)
    return records.compactMap { figures.apply($0) }
  }
}
