public import Model
public import Settings

extension RTSPPuller.Source {
  /// Reads an entry of the list `pulls`.
  public init(_ entry: inout ConfigReader) throws(Fault) {
    guard let name = try entry.optionalStreamName("stream") else { throw entry.invalid("stream", "is missing") }
    self.init(name: name, url: try entry.requiredText("url"))
  }
}
