internal import Report
internal import Web

/// Incidents and sessions from raw samples to verdict: the whole data folder is read again for each, on a thread that may block.
struct InspectionViews: InspectionSource {
  let dataFolder: String

  func inspection(of id: String) async throws -> Inspection {
    try await blocking {
      try Inspection(id, of: RecomputedFolder(dataFolder: dataFolder, sha256: RuleFiles.sha256))
    }
  }
}
