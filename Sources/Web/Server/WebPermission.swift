/// What a route lets its caller do; the composition root maps it to the roles of access keys.
public enum WebPermission: String, Sendable, CaseIterable {
  /// Open to everybody: health, the page itself, the API's description.
  case none
  case streamsRead, streamsManage
  case incidentsRead, incidentsWrite
  case metricsRead
  case factsRead
  case archiveRead
}
