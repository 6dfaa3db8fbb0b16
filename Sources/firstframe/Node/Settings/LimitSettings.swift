internal import Model
internal import Settings

/// What one source address may take of the node.
struct LimitSettings: Sendable {
  /// Connections over all ports.
  var connectionsPerAddress = 1024
  /// Addresses without that limit.
  var exempt: [String] = []

  /// Reads the section `limits`.
  init(_ section: inout ConfigReader) throws(Fault) {
    connectionsPerAddress = try section.number("connectionsPerAddress", default: connectionsPerAddress, in: 1...1_000_000)
    exempt = try section.texts("exempt", default: exempt)
    for address in exempt where !SourceAddress.isAddress(address) { throw section.invalid("exempt", "\(address) is no address") }
  }

  /// For this process's descriptors.
  var connections: ConnectionLimits {
    ConnectionLimits(perSource: connectionsPerAddress, exempt: Set(exempt.map { SourceAddress($0) }))
  }
}
