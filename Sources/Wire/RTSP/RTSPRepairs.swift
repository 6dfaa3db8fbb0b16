/// What a peer sent otherwise than RFC 2326 and RFC 4566 have it, and was read all the same. Whoever holds the connection counts it.
public struct RTSPRepairs: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// A header line without a name, or without a colon, was left out.
  public static let headerLine = RTSPRepairs(rawValue: 1 << 0)
  /// A method in small letters.
  public static let methodCase = RTSPRepairs(rawValue: 1 << 1)
  /// A keep-alive was refused, or not answered, while media flowed.
  public static let keepAlive = RTSPRepairs(rawValue: 1 << 2)
  /// A media whose SETUP was refused was left out, because others were not.
  public static let mediaLeftOut = RTSPRepairs(rawValue: 1 << 3)

  private static let names: [(RTSPRepairs, String)] = [
    (.headerLine, "headerLine"), (.methodCase, "methodCase"), (.keepAlive, "keepAlive"), (.mediaLeftOut, "mediaLeftOut"),
  ]

  /// Each of them alone, by the name that logs use, in a fixed order.
  public var named: [(repair: RTSPRepairs, name: String)] { RTSPRepairs.names.filter { contains($0.0) }.map { (repair: $0.0, name: $0.1) } }
}
