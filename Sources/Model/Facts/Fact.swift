/// One line of the journal, read back (architecture.md §4). `fields` holds every member of the line, the envelope's included.
public struct Fact: Hashable, Sendable {
  /// Who wrote it.
  public var node: String
  /// The kernel's boot id then: its clock is ``bootTime``'s.
  public var boot: String
  /// 1, 2, 3 … without holes, over all files of the journal.
  public var sequence: Int64
  /// When the event happened, on the clock of ``boot``.
  public var bootTime: BootTime
  /// RFC 3339, a label: no figure is made of it.
  public var wall: String
  public var kind: String
  /// Lower-case hexadecimal SHA-256 of the line before, LF included; 64 zeros for the first.
  public var previous: String
  /// The same of this line's own bytes.
  public var hash: String
  public var fields: [String: JSON]

  public init(
    node: String, boot: String, sequence: Int64, bootTime: BootTime, wall: String, kind: String, previous: String, hash: String,
    fields: [String: JSON]
  ) {
    self.node = node
    self.boot = boot
    self.sequence = sequence
    self.bootTime = bootTime
    self.wall = wall
    self.kind = kind
    self.previous = previous
    self.hash = hash
    self.fields = fields
  }

  /// A member by its name; nil when it is absent.
  public subscript(key: String) -> JSON? { fields[key] }
}
