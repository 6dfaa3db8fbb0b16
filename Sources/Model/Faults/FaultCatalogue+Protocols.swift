extension FaultCatalogue {
  /// Failures of RTSP, RTMP, HTTP and what speaks them.
  static let protocols: [FaultEntry] = [
    FaultEntry(
      .rtspMalformed, .device, happened: ("RTSP 报文格式错误", "malformed RTSP message"),
      toDo: ("检查设备的 RTSP 设置或固件", "Check the device's RTSP settings or firmware")),
    FaultEntry(
      .rtspTimeout, .network, happened: ("RTSP 会话超时", "the RTSP session timed out"),
      toDo: ("检查网络;设备应定时发送保活", "Check the network; the device should send keep-alives")),
    FaultEntry(
      .rtmpMalformed, .device, happened: ("RTMP 报文格式错误", "malformed RTMP message"),
      toDo: ("检查设备的 RTMP 设置或固件", "Check the device's RTMP settings or firmware")),
    FaultEntry(
      .handshakeTimeout, .network, happened: ("握手超时", "the handshake timed out"),
      toDo: ("检查网络质量后重试", "Check the network and try again")),
    FaultEntry(
      .transportUnsupported, .device, happened: ("不支持的传输方式", "unsupported transport"),
      toDo: ("改用 RTSP over TCP 或 UDP 单播", "Use RTSP over TCP or UDP unicast")),
    FaultEntry(
      .authenticationUnsupported, .device, happened: ("摄像机要求的认证方式不支持", "the camera asks for a way to log in that is not supported"),
      toDo: ("在摄像机上启用 Digest 认证(MD5 或 SHA-256)", "Allow Digest with MD5 or SHA-256 on the camera")),
    FaultEntry(
      .redirectRefused, .config, happened: ("摄像机要求转到未列出的地址", "the camera redirects to an address that is not listed"),
      toDo: ("确认该地址可信后,写入这路拉流的 redirects", "If the address is to be trusted, list it under this pull's redirects")),
    FaultEntry(
      .pullFailed, .network, happened: ("拉流失败", "pulling the camera failed"),
      toDo: ("检查摄像机地址、账号和网络;系统会自动重试", "Check the camera's address, account and network; it is retried by itself")),
    FaultEntry(
      .pushFailed, .network, happened: ("推流失败", "publishing the stream failed"),
      toDo: ("检查地址、密钥和网络后重试", "Check the address, the key and the network, then try again")),
    FaultEntry(
      .httpMalformed, .peer, status: 400, happened: ("HTTP 请求格式错误", "malformed HTTP request"),
      toDo: ("对照 /openapi.json 检查请求", "Compare the request with /openapi.json")),
    FaultEntry(
      .tooManyClients, .peer, status: 429, happened: ("打开的页面过多", "too many open pages"),
      toDo: ("关闭不用的页面后重试", "Close pages that nobody looks at, then try again")),
  ]
}
