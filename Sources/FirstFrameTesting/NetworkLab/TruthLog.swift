internal import Glibc
public import Model

/// Every packet's fate and times, in the order in which they were decided and handed over.
public struct TruthLog: Sendable {
  /// Delivered packets stand where they were handed over, others where they were decided.
  public internal(set) var rows: [TruthRow] = []
  /// Both clocks when the lab began and ended: a step of the wall clock between them would spoil its stamps.
  public internal(set) var began: ClockReading
  /// See ``began``.
  public internal(set) var ended: ClockReading
  /// Packets that a device's descriptor refused.
  public internal(set) var refused = 0
  /// Packets that a packet socket saw and the lab never sent: none, or the namespace was not alone.
  public internal(set) var unknown = 0

  /// The rows of one class and direction.
  public func rows(_ direction: TruthRow.Direction, _ kind: PacketClass) -> [TruthRow] {
    rows.filter { $0.direction == direction && $0.kind == kind }
  }

  /// What reached the receiver's kernel, in its order.
  public func delivered(_ direction: TruthRow.Direction, _ kind: PacketClass) -> [TruthRow] {
    rows(direction, kind).filter { $0.fate == .delivered && $0.stamp != nil }
  }

  /// How far the wall clock moved against boot time while the lab ran.
  public var step: Nanoseconds { ended.step(since: began) }

  /// One line a row; times in nanoseconds, the wall clock's since 1970. Empty where it does not apply.
  public var csv: String {
    var text = "direction,class,number,copy,length,sport,dport,rtp_seq,rtp_ts,marker,tcp_seq,tcp_ack,tcp_payload,fate,"
    text += "left_wall,taken_boot,due_boot,before_boot,before_wall,after_boot,after_wall,stamp_wall\n"
    for row in rows { text += row.csv + "\n" }
    return text
  }

  /// Writes ``csv`` to a file.
  public func write(to path: String) throws(LabTrouble) {
    guard let file = fopen(path, "w") else { throw LabTrouble("cannot write \(path)") }
    fputs(csv, file)
    fclose(file)
  }
}

extension TruthRow {
  fileprivate var csv: String {
    func text<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "" }
    let cells: [String] = [
      direction.rawValue, kind.rawValue, "\(number)", isCopy ? "1" : "0", "\(length)", "\(sourcePort)", "\(destinationPort)",
      text(rtp?.sequenceNumber), text(rtp?.timestamp), text(rtp.map { $0.marker ? 1 : 0 }), text(tcp?.sequence),
      text(tcp?.acknowledgement), text(tcp?.payload), fate.rawValue, text(left?.nanoseconds), "\(taken.boot.nanoseconds)", "\(due.nanoseconds)",
      text(before?.boot.nanoseconds), text(before?.kernel.nanoseconds), text(after?.boot.nanoseconds), text(after?.kernel.nanoseconds),
      text(stamp?.nanoseconds),
    ]
    return cells.joined(separator: ",")
  }
}
