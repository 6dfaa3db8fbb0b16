public import Model
public import Settings

/// Who is asked for a key.
public struct AccessSettings: Sendable, Hashable {
  /// In ``AccessPolicy/Mode/open`` mode nobody is.
  public var mode = AccessPolicy.Mode.open
  /// Whether open mode may serve other addresses than loopback.
  public var openAnywhere = false

  /// Reads the section `access`.
  public init(_ section: inout ConfigReader) throws(Fault) {
    mode = try section.choice("mode", default: mode)
    openAnywhere = try section.flag("openAnywhere", default: openAnywhere)
  }
}
