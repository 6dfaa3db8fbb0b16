internal import Glibc
public import Model
internal import NIOConcurrencyHelpers
public import NIOCore

/// How the machine itself is doing, for all sessions together (measurement.md §2, observer health): CPU pressure, read at most once a second, and how late each
/// loop is.
public final class ObserverWatch: Sendable {
  private struct Reading {
    var at = BootTime(nanoseconds: .min)
    var pressurePPM: Int64?
  }

  private let last = NIOLockedValueBox(Reading())
  private let lags = NIOLockedValueBox<[ObjectIdentifier: LoopLag]>([:])

  /// One for a node.
  public init() {}

  /// The loop's own, read since it was first asked for, on it.
  public func lag(of loop: any EventLoop) -> LoopLag {
    let (lag, isNew) = lags.withLockedValue { lags in
      if let lag = lags[ObjectIdentifier(loop)] { return (lag, false) }
      let lag = LoopLag(of: loop)
      lags[ObjectIdentifier(loop)] = lag
      return (lag, true)
    }
    if isNew { lag.begin() }
    return lag
  }

  /// `some avg10` of /proc/pressure/cpu in parts per million; nil where the kernel has none.
  public func cpuPressurePPM(at now: BootTime) -> Int64? {
    last.withLockedValue { reading in
      guard now.nanoseconds &- reading.at.nanoseconds >= 1_000_000_000 || reading.at.nanoseconds == .min else { return reading.pressurePPM }
      reading = Reading(at: now, pressurePPM: ObserverWatch.parse(ObserverWatch.file("/proc/pressure/cpu")))
      return reading.pressurePPM
    }
  }

  /// Parses `some avg10=1.23 avg60=…`: hundredths of a percent are 100 ppm each.
  static func parse(_ text: String) -> Int64? {
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("some ") }),
      let field = line.split(separator: " ").first(where: { $0.hasPrefix("avg10=") })
    else { return nil }
    let parts = field.dropFirst(6).split(separator: ".", maxSplits: 1)
    guard let whole = parts.first.flatMap({ Int64($0) }), (0...100).contains(whole) else { return nil }
    guard parts.count == 2 else { return whole * 10_000 }
    guard parts[1].utf8.count == 2, let hundredths = Int64(parts[1]), hundredths >= 0 else { return nil }
    return whole * 10_000 + hundredths * 100
  }

  private static func file(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
