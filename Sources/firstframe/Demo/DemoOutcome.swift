internal import Foundation
internal import Journal
internal import Model

/// What a demo proved: the table at its end and the JSON file (issue contract: `county`, `province`, `devices`, `verdict`).
struct DemoOutcome {
  let plan: DemoPlan
  let id: String
  let incident: [String: Any]
  let quality: [String: Any]
  let archive: [String: [String: Any]]
  let reportPath: String

  var verdict: String { incident["verdict"] as? String ?? "undetermined" }

  var json: [String: Any] {
    [
      "incident": id, "county": incident["county"] ?? [:], "province": province, "devices": devices, "verdict": verdict,
      "report": reportPath, "folder": plan.folder,
    ]
  }

  /// The incident's own object, with the bracket that both ends allow and whether the receipt on disk verifies with the key beside it.
  private var province: [String: Any] {
    var province = incident["province"] as? [String: Any] ?? [:]
    let brackets = ["countyBracket", "provinceBracket"].compactMap { province[$0] as? [String: Any] }
    let lowers = brackets.compactMap { ($0["lowerSeconds"] as? NSNumber)?.doubleValue }
    let uppers = brackets.compactMap { ($0["upperSeconds"] as? NSNumber)?.doubleValue }
    province["lowerSeconds"] = lowers.max().map { $0 as Any } ?? NSNull()
    province["upperSeconds"] = uppers.min().map { $0 as Any } ?? NSNull()
    province["receiptVerified"] = isReceiptVerified
    return province
  }

  private var isReceiptVerified: Bool {
    let folder = "\(plan.county.folder)/receipts"
    guard let text = try? Disk.read("\(folder)/\(id).json"), let signature = try? Disk.read("\(folder)/\(id).sig"),
      let pem = try? Disk.read("\(folder)/\(id).pub.pem"), let key = NodePublicKey(pem: String(decoding: pem, as: UTF8.self))
    else { return false }
    return key.isValid(signature: signature, of: text)
  }

  private var devices: [[String: Any]] {
    plan.devices.map { device in
      let recorded = archive[device.name] ?? [:]
      return [
        "name": device.name, "class": device.deviceClass.rawValue, "protocol": device.mediaProtocol, "stream": device.stream,
        "segments": recorded["segments"] ?? [], "gaps": recorded["gaps"] ?? [], "quality": quality[device.name] ?? NSNull(),
      ]
    }
  }

  func printTable() {
    let county = incident["county"] as? [String: Any] ?? [:]
    let province = incident["province"] as? [String: Any] ?? [:]
    Console.say()
    Console.say("T_county 县首图 county first picture:    \(number(county["seconds"])) s")
    Console.say("县侧区间 county's bracket:               \(bracket(province["countyBracket"]))")
    Console.say("省侧区间 province's bracket:             \(bracket(province["provinceBracket"]))")
    Console.say("证明等级 grade:                          \(province["grade"] as? String ?? "—")")
    Console.say("结论 verdict (≤ 1800 s):                 \(verdict)")
    Console.say()
    var rows = [["设备 device", "类型 class", "协议 protocol", "帧 frames", "完好 clean", "丢包 lost", "抖动 jitter", "卡顿 freezes", "分段 segments", "缺口 gaps"]]
    for device in plan.devices {
      let quality = quality[device.name] as? [String: Any] ?? [:]
      let recorded = archive[device.name] ?? [:]
      rows.append([
        device.name, device.deviceClass.rawValue, device.mediaProtocol, number(quality["framesReceived"]), number(quality["framesClean"]),
        number(quality["packetsLost"]), "\(number(quality["jitterMilliseconds"])) ms", number(quality["freezeCount"]),
        String((recorded["segments"] as? [Any])?.count ?? 0), gaps(recorded["gaps"]),
      ])
    }
    Console.table(rows)
    Console.say()
  }

  private func gaps(_ value: Any?) -> String {
    let gaps = value as? [[String: Any]] ?? []
    guard !gaps.isEmpty else { return "0" }
    let texts = gaps.map { gap in
      let from = (gap["fromNs"] as? NSNumber)?.int64Value ?? 0
      let to = (gap["toNs"] as? NSNumber)?.int64Value ?? 0
      return "\(Figures.seconds(nanoseconds: to &- from)) \(gap["cause"] as? String ?? "")"
    }
    return "\(gaps.count): " + texts.joined(separator: ", ")
  }

  private func number(_ value: Any?) -> String {
    guard let number = value as? NSNumber else { return "—" }
    let value = number.doubleValue
    return value == value.rounded() ? String(Int64(value)) : String(format: "%.3f", value)
  }

  private func bracket(_ value: Any?) -> String {
    guard let bracket = value as? [String: Any] else { return "—" }
    return "[\(number(bracket["lowerSeconds"])) s, \(number(bracket["upperSeconds"])) s]"
  }
}
