/// Why a window or session failed: the closed list of measurement.md §3.
public enum ReasonCode: String, Sendable, Codable, CaseIterable {
  case black = "BLACK"
  case freeze = "FREEZE"
  case lowFrameRate = "LOWFPS"
  case lowResolution = "LOWRES"
  case loss = "LOSS"
  case delay = "DELAY"
  case jitter = "JITTER"
  case noAudio = "NOAUDIO"
  case clockSkew = "CLOCKSKEW"
  case corrupt = "CORRUPT"
  case offline = "OFFLINE"
}
