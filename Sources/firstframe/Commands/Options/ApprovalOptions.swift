internal import ArgumentParser
internal import Model

/// Why something leaves a denominator, and who said so.
struct ApprovalOptions: ParsableArguments {
  @Option(help: "剔除原因 | why") var reason: String

  @Option(help: "批准人;日志只存其承诺值 | who approved it; the journal keeps a commitment only") var approver: String

  func record(_ what: [String: JSON], _ options: NodeOptions) async throws {
    let body = what.merging(["reason": .string(reason), "approver": .string(approver)]) { $1 }
    let answer = try await options.client.object("POST", "/api/v1/exclusions", body: .object(body))
    if options.json { return try Console.print(answer) }
    Console.say("已记录,报表会列出原因和批准 | recorded as fact \(answer["sequence"] ?? "?")")
  }
}
