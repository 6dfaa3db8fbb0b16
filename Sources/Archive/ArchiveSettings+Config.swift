public import Model
public import Settings

extension ArchiveSettings {
  /// Reads the section `archive`.
  public init(_ section: inout ConfigReader) throws(Fault) {
    self.init()
    enabled = try section.flag("enabled", default: enabled)
    segmentDuration = .seconds(Int64(try section.number("segmentSeconds", default: 10, in: 1...3600)))
    reservePermille = try section.number("reservePercent", default: 3, in: 0...90) * 10
  }
}
