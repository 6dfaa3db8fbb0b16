extension FaultCatalogue {
  /// Failures of decoding, pipelines, recorder and journal as they run.
  static let workers: [FaultEntry] = [
    FaultEntry(
      .workerDied, .relay, happened: ("解码进程退出", "a worker process died"),
      toDo: ("系统已自动重启;若反复出现请运行 doctor", "It was restarted; run doctor if it happens again")),
    FaultEntry(
      .workerBusy, .relay, happened: ("解码进程繁忙", "the workers are busy"),
      toDo: ("减少同时取证的流或增加 workers.count", "Probe fewer streams at once or raise workers.count")),
    FaultEntry(
      .decodeFailed, .device, happened: ("画面解码失败", "the picture cannot be decoded"),
      toDo: ("检查设备编码;系统会用下一个关键帧重试", "Check the encoder; the next key frame is tried")),
    FaultEntry(
      .pipelineInvalid, .config, happened: ("媒体管线文件无效", "a pipeline file is invalid"),
      toDo: ("运行 firstframe doctor 检查插件", "Run firstframe doctor to check plugins")),
    FaultEntry(
      .pipelineFailed, .relay, happened: ("媒体管线运行失败", "a pipeline failed"),
      toDo: ("系统会重启该管线;请查看日志", "It is restarted; see the log")),
    FaultEntry(
      .recorderStalled, .relay, happened: ("录像停滞", "the recorder stalled"),
      toDo: ("系统已重启录像;请核对缺口列表", "It was restarted; see the list of gaps")),
    FaultEntry(
      .factInvalid, .relay, happened: ("日志内容不合规", "the fact is not allowed in the journal"),
      toDo: ("这是程序错误,请附日志上报", "This is a fault of the program; report it with the log")),
    FaultEntry(
      .journalClosed, .relay, happened: ("日志已关闭", "the journal is closed"),
      toDo: ("程序正在停止,请稍后重试", "The program is stopping; try again later")),
  ]
}
