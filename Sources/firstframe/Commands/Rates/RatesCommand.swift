internal import ArgumentParser
internal import Measure

/// 联通率, 三十分钟响应率 and 连线质量达标率.
struct RatesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rates", abstract: "三率:联通率、三十分钟响应率、连线质量达标率 | the three rates, from the journal",
    subcommands: [Show.self, Exclude.self], defaultSubcommand: Show.self)
}

extension RatesCommand {
  /// A table of the rates; a share is never shown without its counts and interval.
  static func rows(_ rates: RateFigures) -> [[String]] {
    var rows = [["率 rate", "达标/应计 met of", "比例", "95% 区间", "无法判定 undetermined", "剔除 excluded", "进行中 pending"]]
    for (name, rate) in [
      ("联通率 connection", rates.connection), ("三十分钟响应率 thirtyMinute", rates.thirtyMinute), ("连线质量达标率 quality", rates.quality),
    ] {
      let counts = rate.counts
      rows.append([
        name, "\(counts.numerator)/\(counts.denominator)", percent(counts.ratioPPM),
        counts.interval.map { "\(percent($0.lowPPM))–\(percent($0.highPPM))" } ?? "—", "\(counts.undetermined)", "\(counts.excluded)",
        "\(rate.pending)",
      ])
    }
    return rows
  }

  /// `2026-11`.
  static func isMonth(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } })
    else { return false }
    return Int(parts[1]).map { (1...12).contains($0) } ?? false
  }

  /// Millionths as `83.9 %`, cut: a share that is not whole is never shown as 100 %.
  static func percent(_ ppm: Int64?) -> String {
    guard let ppm else { return "—" }
    return "\(ppm / 10_000).\(ppm / 1000 % 10) %"
  }
}
