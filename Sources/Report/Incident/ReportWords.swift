internal import Measure

/// Figures and enumerations as both pages print them: Chinese first, English beside it.
enum ReportWords {
  /// Three digits behind the point, exact to the millisecond; an em dash for nil.
  static func seconds(_ value: Double?) -> String {
    guard let value else { return "—" }
    let milliseconds = Int64((min(9e15, max(-9e15, value)) * 1000).rounded(.toNearestOrEven))
    let sign = milliseconds < 0 ? "-" : ""
    let fraction = String(milliseconds.magnitude % 1000)
    return "\(sign)\(milliseconds.magnitude / 1000).\(String(repeating: "0", count: 3 - fraction.utf8.count))\(fraction) s"
  }

  static func bracket(_ bounds: IncidentOutput.Bounds?) -> String {
    bounds.map { "[\(seconds($0.lowerSeconds)), \(seconds($0.upperSeconds))]" } ?? "—"
  }

  static func yesNo(_ value: Bool) -> String { value ? "是 yes" : "否 no" }

  static func verdict(_ verdict: Verdict) -> String {
    switch verdict {
    case .pass: "达标 pass"
    case .fail: "不达标 fail"
    case .undetermined: "无法判定 undetermined"
    }
  }

  /// A part of the time that passed: its name, and from which step to which.
  static func part(_ part: IncidentBreakdown.Part) -> (name: String, meaning: String) {
    switch part {
    case .desk: ("值班 desk", "t1 接报 → t2 指令下达")
    case .crew: ("出动 crew", "t2 → 设备上线")
    case .network: ("连接 network", "上线 → t5 首包")
    case .keyFrame: ("等关键帧 key frame", "t5 → t5k")
    case .decode: ("解码 decode", "t5k → t6 县中心首图")
    case .uplink: ("上行 uplink", "t6 → t8 省中心回执")
    }
  }

  static func step(_ step: StepID) -> String {
    let names: [StepID: String] = [
      .t1: "接报", .t2: "指令下达", .t3: "应答", .t4: "到场", .t5: "首包", .t5k: "首个关键帧", .t6: "县中心首图", .t8: "省中心首图", .t9: "语音双通", .t10: "结束",
    ]
    return "\(step.rawValue) \(names[step] ?? "")"
  }
}
