internal import Glibc

/// How long a series of lab runs is, and where its figures go (docs/lab.md).
public enum LabSeries {
  /// How many seeds each scenario is run with: `FIRSTFRAME_SEEDS`, two by default.
  public static let seeds: Int = {
    guard let text = getenv("FIRSTFRAME_SEEDS"), let count = Int(String(cString: text)) else { return 2 }
    return min(1000, max(1, count))
  }()

  /// Adds a line to the file `FIRSTFRAME_LAB_TABLE`, when there is one: the figures of docs/lab.md come from there.
  public static func write(_ line: String) {
    guard let path = getenv("FIRSTFRAME_LAB_TABLE"), let file = fopen(path, "a") else { return }
    fputs(line + "\n", file)
    fclose(file)
  }
}
