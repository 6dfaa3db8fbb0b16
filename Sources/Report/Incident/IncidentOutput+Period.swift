public import Measure
public import Model

extension IncidentOutput {
  /// From t1 to t10 by their wall-clock labels, by which recordings are found; `to` is nil while t10 is not taken. Nil without a t1 that can be read.
  public var period: (from: WallTime, to: WallTime?)? {
    guard let from = steps.first(where: { $0.id == .t1 }).flatMap({ WallTime($0.wall) }) else { return nil }
    return (from, steps.last { $0.id == .t10 }.flatMap { WallTime($0.wall) })
  }
}
