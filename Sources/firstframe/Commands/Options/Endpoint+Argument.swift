internal import Model
internal import Settings

extension Endpoint {
  /// Reads an argument of the command line. Throws ``FaultCode/usage`` for what is no `host:port`.
  init(argument text: String) throws(Fault) {
    guard let endpoint = Endpoint(text) else { throw Fault(.usage, "\(text): expected host:port") }
    self = endpoint
  }
}
