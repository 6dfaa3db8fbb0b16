extension FaultCatalogue {
  /// Failures of incidents and requests about them.
  static let incidents: [FaultEntry] = [
    FaultEntry(
      .incidentUnknown, .config, status: 404, happened: ("没有这个事件", "no such incident"),
      toDo: ("用 firstframe incident list 查看", "See firstframe incident list")),
    FaultEntry(
      .incidentClosed, .config, status: 409, happened: ("事件已关闭", "the incident is closed"),
      toDo: ("需要时新建事件", "Open a new incident if needed")),
    FaultEntry(
      .deviceUnknown, .config, status: 400, happened: ("没有登记该设备", "no such device"),
      toDo: ("核对设备名称", "Check the device's name")),
    FaultEntry(
      .requestInvalid, .config, status: 400, happened: ("请求内容无效", "the request is invalid"),
      toDo: ("对照 /openapi.json 检查请求", "Compare the request with /openapi.json")),
    FaultEntry(
      .notFound, .config, status: 404, happened: ("没有找到", "not found"),
      toDo: ("核对地址", "Check the address")),
  ]
}
