/// Every verdict has these three values: 达标 / 不达标 / 无法判定.
public enum Verdict: String, Sendable, Codable, CaseIterable { case pass, fail, undetermined }
