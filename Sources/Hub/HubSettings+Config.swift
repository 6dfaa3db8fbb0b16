public import Model
public import Settings

extension HubSettings {
  /// What `streams.secondPublisher` may say.
  private enum Choice: String, CaseIterable { case refuse, takeOver, takeOverWhenSilent }

  /// Reads the section `streams`.
  public init(_ section: inout ConfigReader) throws(Fault) {
    self.init()
    takeoverWindow = .seconds(Int64(try section.number("takeoverSeconds", default: 10, in: 0...3600)))
    secondPublisher =
      switch try section.choice("secondPublisher", default: Choice.takeOverWhenSilent) {
      case .refuse: .refuse
      case .takeOver: .takeOver
      case .takeOverWhenSilent: .takeOverWhenSilent(.seconds(2))
      }
    gopCacheBytes = try section.number("gopCacheMegabytes", default: 32, in: 1...1024) << 20
  }
}
