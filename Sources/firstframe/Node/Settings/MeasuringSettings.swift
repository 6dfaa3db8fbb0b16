internal import Hub
internal import Model
internal import Settings

/// What is measured, and by which rules it is judged.
struct MeasuringSettings: Sendable {
  /// Off for comparing costs only: sessions then have no figures, and what is judged by them stays undetermined.
  var enabled = true
  /// Whether a sample of each frame is written, for recomputing.
  var samples = true
  /// Whether key frames and sound are decoded to look for black, frozen and silent streams.
  var probes = true
  var content = ContentSettings()
  /// Names of files in `Config/quality`: the profile for devices in the field, and for fixed links.
  var fieldProfile = "field-mobile"
  var fixedProfile = "gb-fixed"
  /// Names of files in `Config/policies`: the policy that judges incidents, and the one for connection attempts.
  var policy = "thirty-minute"
  var connectionPolicy = "connection"

  /// Reads the section `measure`.
  init(_ section: inout ConfigReader) throws(Fault) {
    enabled = try section.flag("enabled", default: enabled)
    samples = try section.flag("samples", default: samples)
    probes = try section.flag("probes", default: probes)
    content = try ContentSettings(&section)
    fieldProfile = try section.text("fieldProfile", default: fieldProfile)
    fixedProfile = try section.text("fixedProfile", default: fixedProfile)
    policy = try section.text("policy", default: policy)
    connectionPolicy = try section.text("connectionPolicy", default: connectionPolicy)
  }
}
