import Glibc

/// How many seeds each scenario is run with: `FIRSTFRAME_SEEDS`, two by default.
enum Seeds {
  static let count: Int = {
    guard let text = getenv("FIRSTFRAME_SEEDS"), let count = Int(String(cString: text)) else { return 2 }
    return min(1000, max(1, count))
  }()
}
