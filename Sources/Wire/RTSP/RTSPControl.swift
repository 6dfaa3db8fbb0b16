/// How a media's `a=control` and the address of its SETUP belong together (RFC 2326 §C.1.1).
public enum RTSPControl {
  /// The address for a control attribute: itself when absolute, the base for `*` or none, else base + `/` + control.
  ///
  /// The RFC would resolve as RFC 1808 does and so replace the base's last segment; every client and server in the field appends, and
  /// appends behind a query too.
  public static func resolve(_ control: String?, base: String) -> String {
    guard let control, !control.isEmpty, control != "*" else { return base }
    if isAbsolute(control) { return control }
    let relative = control.utf8.first == 47 ? String(control.dropFirst()) : control
    return base.utf8.last == 47 ? base + relative : base + "/" + relative
  }

  /// Whether a control is an address of its own, with a scheme.
  public static func isAbsolute(_ control: String) -> Bool { control.firstRange(ofASCII: "://") != nil }

  /// An address without its last `/trackID=N`, `/streamid=N`, `/stream=N` or `/track=N` (any case), whether that stands behind the path or
  /// behind the query, and N.
  public static func split(_ url: RTSPURL) -> (aggregate: RTSPURL, track: Int?) {
    var aggregate = url
    if let query = url.query, let (rest, track) = splitTail(query) {
      aggregate.query = rest.isEmpty ? nil : rest
      return (aggregate, track)
    }
    if let (rest, track) = splitTail(url.path) {
      aggregate.path = rest
      return (aggregate, track)
    }
    return (aggregate, nil)
  }

  private static func splitTail(_ text: String) -> (rest: String, track: Int)? {
    let trimmedEnd = text.utf8.last == 47 ? String(text.dropLast()) : text
    guard let slash = trimmedEnd.utf8.lastIndex(of: 47) else { return nil }
    let (name, value) = HeaderParameters.pair(String(trimmedEnd[trimmedEnd.utf8.index(after: slash)...]))
    guard ["trackid", "streamid", "stream", "track"].contains(name.lowercased()), let number = value.flatMap({ Int($0) }),
      (0...255).contains(number)
    else { return nil }
    return (String(trimmedEnd[..<slash]), number)
  }

  /// Which of a description's control attributes a SETUP address means. Hosts are not compared: behind NAT each side knows another.
  /// - Parameters:
  ///   - url: the SETUP's.
  ///   - base: the address of the ANNOUNCE or DESCRIBE.
  ///   - controls: the medias' control attributes, in order.
  /// - Returns: the media's position; nil when it is none of them.
  public static func media(of url: RTSPURL, base: RTSPURL, controls: [String?]) -> Int? {
    let wanted = comparable(url.target)
    for (index, control) in controls.enumerated() {
      let resolved = resolve(control, base: base.text)
      guard let candidate = RTSPURL(resolved) else { continue }
      if comparable(candidate.target) == wanted { return index }
    }
    // The client may have put the control before the query instead of behind it, or added a slash.
    let (aggregate, number) = split(url)
    if let number, comparable(aggregate.path) == comparable(base.path) {
      return position(ofControlNumbered: number, controls) ?? (controls.indices.contains(number) ? number : nil)
    }
    return controls.count == 1 && comparable(url.path) == comparable(base.path) ? 0 : nil
  }

  private static func position(ofControlNumbered number: Int, _ controls: [String?]) -> Int? {
    controls.firstIndex { control in
      guard let control else { return false }
      return splitTail(control.utf8.first == 47 ? control : "/" + control)?.track == number
    }
  }

  private static func comparable(_ target: String) -> String { target.utf8.last == 47 ? String(target.dropLast()) : target }
}
