extension RTSPTransport {
  /// Every alternative of a `Transport` header in the client's order; those without a transport specification are left out.
  public static func parse(_ header: String) -> [RTSPTransport] {
    HeaderParameters.split(header, at: 44).prefix(16).compactMap(RTSPTransport.init(alternative:))
  }

  private init?(alternative: String) {
    let parts = HeaderParameters.split(alternative, at: 59)
    guard let specification = parts.first else { return nil }
    let words = specification.split(separator: "/").map { $0.uppercased() }
    guard words.count == 2 || words.count == 3 else { return nil }
    self.init(words.last == "TCP" && words.count == 3 ? .tcp : .udp)
    profile = words[0] + "/" + words[1]
    if words.count == 3, words[2] != "TCP", words[2] != "UDP" { profile += "/" + words[2] }
    for part in parts.dropFirst() { apply(HeaderParameters.pair(part)) }
  }

  private mutating func apply(_ parameter: (name: String, value: String?)) {
    let value = parameter.value ?? ""
    switch parameter.name.lowercased() {
    case "multicast": isMulticast = true
    case "unicast": isMulticast = false
    case "interleaved": interleaved = RTSPTransport.pair(value)
    case "client_port": clientPorts = RTSPTransport.pair(value)
    case "server_port": serverPorts = RTSPTransport.pair(value)
    case "mode": mode = RTSPTransport.mode(value)
    case "ssrc": ssrc = UInt32(value, radix: 16)
    case "source" where !value.isEmpty: source = value
    case "destination" where !value.isEmpty: destination = value
    default: break
    }
  }

  /// `receive` is what QuickTime's broadcaster and its heirs say for record.
  private static func mode(_ value: String) -> Mode? {
    let first = HeaderParameters.split(value, at: 44).first.map { HeaderParameters.unquoted($0).lowercased() }
    switch first {
    case "record", "receive": return .record
    case "play": return .play
    default: return nil
    }
  }

  /// `a-b`, or `a` alone with the next number after it.
  private static func pair<Number: FixedWidthInteger & Sendable>(_ value: String) -> Pair<Number>? {
    let numbers = value.split(separator: "-", maxSplits: 1).map { Number(trimmed($0)) }
    guard let first = numbers.first, let rtp = first else { return nil }
    guard numbers.count == 2 else {
      let (next, overflow) = rtp.addingReportingOverflow(1)
      return overflow ? nil : Pair(rtp: rtp, rtcp: next)
    }
    guard let rtcp = numbers[1] else { return nil }
    return Pair(rtp: rtp, rtcp: rtcp)
  }

  /// The alternative as a `Transport` header carries it.
  public var text: String {
    var parts = [profile + (lowerTransport == .tcp ? "/TCP" : ""), isMulticast ? "multicast" : "unicast"]
    if let destination { parts.append("destination=\(destination)") }
    if let source { parts.append("source=\(source)") }
    if let interleaved { parts.append("interleaved=\(interleaved.rtp)-\(interleaved.rtcp)") }
    if let clientPorts { parts.append("client_port=\(clientPorts.rtp)-\(clientPorts.rtcp)") }
    if let serverPorts { parts.append("server_port=\(serverPorts.rtp)-\(serverPorts.rtcp)") }
    if let ssrc { parts.append("ssrc=" + RTSPTransport.eightDigits(ssrc)) }
    if let mode { parts.append(mode == .record ? "mode=record" : "mode=play") }
    return parts.joined(separator: ";")
  }

  private static func eightDigits(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits
  }
}
