extension FaultCatalogue {
  /// Failures of streams and their media.
  static let streams: [FaultEntry] = [
    FaultEntry(
      .streamNameInvalid, .device, status: 400, happened: ("流名称不合规", "the stream's name is not allowed"),
      toDo: ("使用 live/cam1 这样的路径,1–8 段,字母数字和 - _ . ~", "Use a path such as live/cam1: 1–8 segments of letters, digits and - _ . ~")),
    FaultEntry(
      .streamBusy, .device, status: 409, happened: ("该流名称已有设备在推送", "another device already publishes under this name"),
      toDo: ("换一个名称,或先停止另一台设备", "Use another name, or stop the other device")),
    FaultEntry(
      .streamUnknown, .config, status: 404, happened: ("没有这路流", "no such stream"),
      toDo: ("核对名称,或确认设备已开始推送", "Check the name, or that the device has started")),
    FaultEntry(
      .streamEnded, .device, happened: ("该流已结束", "the stream has ended"),
      toDo: ("请设备重新推送", "Ask the device to publish again")),
    FaultEntry(
      .noKeyframe, .device, happened: ("一直没有关键帧", "no key frame came"),
      toDo: ("检查设备编码设置,关键帧间隔建议 2 秒", "Check the encoder; a key frame every 2 s is advised")),
    FaultEntry(
      .publisherGone, .network, happened: ("设备连接中断", "the device's connection was lost"),
      toDo: ("检查现场网络;设备 10 秒内回来会接续同一路流", "Check the field network; a return within 10 s continues the stream")),
    FaultEntry(
      .picturesStopped, .device, happened: ("设备不再发送画面", "the device sends no more pictures"),
      toDo: ("系统会自动重新请求;若反复出现,请重启设备编码器", "It is asked again by itself; restart its encoder if this happens often")),
    FaultEntry(
      .readerGone, .network, happened: ("观看端已离开或不再接收", "the reader left, or reads nothing"),
      toDo: ("需要时请观看端重新连接", "Connect the reader again if it is wanted")),
    FaultEntry(
      .codecUnsupported, .device, happened: ("不支持的编码格式", "unsupported codec"),
      toDo: ("视频用 H.264/H.265,音频用 AAC/Opus/G.711", "Use H.264/H.265 video and AAC/Opus/G.711 audio")),
    FaultEntry(
      .mediaMalformed, .device, happened: ("媒体数据格式错误", "malformed media"),
      toDo: ("重启设备编码器;若持续出现请升级固件", "Restart the encoder; update its firmware if it persists")),
  ]
}
