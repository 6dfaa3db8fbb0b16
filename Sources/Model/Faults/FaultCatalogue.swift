/// The texts of every ``FaultCode``: the one place where log, API and page get their words.
enum FaultCatalogue {
  static func entry(_ code: FaultCode) -> FaultCode.Entry {
    switch code {
    case .accessDenied:
      entry(
        .config, ("没有权限", "access denied"),
        ("请管理员核对该密钥允许的路径和操作", "Ask the administrator which paths and actions this key allows"))
    case .credentialsMissing:
      entry(
        .device, ("没有提供用户名或密钥", "no user name or key was given"),
        ("在设备上填写密钥后重试", "Enter the key on the device and try again"))
    case .credentialsWrong:
      entry(
        .device, ("用户名或密钥不正确", "wrong user name or key"),
        ("核对密钥;遗失请用 firstframe key add 重新发放", "Check the key; issue a new one with firstframe key add"))
    case .openBindRefused:
      entry(
        .config, ("开放访问只允许绑定本机地址", "open access is allowed on loopback only"),
        ("设置 access.mode=keys,或明确设置 access.openAnywhere=true", "Set access.mode=keys, or access.openAnywhere=true on purpose"))
    case .keyExists:
      entry(
        .config, ("同名密钥已存在", "a key of that name exists"),
        ("换一个名字,或先 firstframe key revoke", "Choose another name, or revoke the key first"))
    case .keyUnknown:
      entry(.config, ("没有这个密钥", "no such key"), ("用 firstframe key list 查看", "See firstframe key list"))
    case .tooManyAttempts:
      entry(.device, ("密钥错误次数过多", "too many wrong keys"), ("一分钟后再试,并核对密钥", "Wait a minute, and check the key"))
    case .streamNameInvalid:
      entry(
        .device, ("流名称不合规", "the stream's name is not allowed"),
        ("使用 live/cam1 这样的路径,1–8 段,字母数字和 - _ . ~", "Use a path such as live/cam1: 1–8 segments of letters, digits and - _ . ~"))
    case .streamBusy:
      entry(
        .device, ("该流名称已有设备在推送", "another device already publishes under this name"),
        ("换一个名称,或先停止另一台设备", "Use another name, or stop the other device"))
    case .streamUnknown:
      entry(.config, ("没有这路流", "no such stream"), ("核对名称,或确认设备已开始推送", "Check the name, or that the device has started"))
    case .streamEnded:
      entry(.device, ("该流已结束", "the stream has ended"), ("请设备重新推送", "Ask the device to publish again"))
    case .noKeyframe:
      entry(
        .device, ("一直没有关键帧", "no key frame came"),
        ("检查设备编码设置,关键帧间隔建议 2 秒", "Check the encoder; a key frame every 2 s is advised"))
    case .publisherGone:
      entry(
        .network, ("设备连接中断", "the device's connection was lost"),
        ("检查现场网络;设备 10 秒内回来会接续同一路流", "Check the field network; a return within 10 s continues the stream"))
    case .codecUnsupported:
      entry(
        .device, ("不支持的编码格式", "unsupported codec"),
        ("视频用 H.264/H.265,音频用 AAC/Opus/G.711", "Use H.264/H.265 video and AAC/Opus/G.711 audio"))
    case .mediaMalformed:
      entry(
        .device, ("媒体数据格式错误", "malformed media"),
        ("重启设备编码器;若持续出现请升级固件", "Restart the encoder; update its firmware if it persists"))
    case .rtspMalformed:
      entry(
        .device, ("RTSP 报文格式错误", "malformed RTSP message"),
        ("检查设备的 RTSP 设置或固件", "Check the device's RTSP settings or firmware"))
    case .rtspTimeout:
      entry(
        .network, ("RTSP 会话超时", "the RTSP session timed out"),
        ("检查网络;设备应定时发送保活", "Check the network; the device should send keep-alives"))
    case .rtmpMalformed:
      entry(
        .device, ("RTMP 报文格式错误", "malformed RTMP message"),
        ("检查设备的 RTMP 设置或固件", "Check the device's RTMP settings or firmware"))
    case .handshakeTimeout:
      entry(.network, ("握手超时", "the handshake timed out"), ("检查网络质量后重试", "Check the network and try again"))
    case .transportUnsupported:
      entry(
        .device, ("不支持的传输方式", "unsupported transport"),
        ("改用 RTSP over TCP 或 UDP 单播", "Use RTSP over TCP or UDP unicast"))
    case .pullFailed:
      entry(
        .network, ("拉流失败", "pulling the camera failed"),
        ("检查摄像机地址、账号和网络;系统会自动重试", "Check the camera's address, account and network; it is retried by itself"))
    case .pushFailed:
      entry(
        .network, ("推流失败", "publishing the stream failed"),
        ("检查地址、密钥和网络后重试", "Check the address, the key and the network, then try again"))
    case .httpMalformed:
      entry(
        .peer, ("HTTP 请求格式错误", "malformed HTTP request"),
        ("对照 /openapi.json 检查请求", "Compare the request with /openapi.json"))
    case .tooManyClients:
      entry(
        .peer, ("打开的页面过多", "too many open pages"),
        ("关闭不用的页面后重试", "Close pages that nobody looks at, then try again"))
    case .configUnreadable:
      entry(.config, ("无法读取配置文件", "the configuration cannot be read"), ("检查路径和 YAML 格式", "Check the path and the YAML"))
    case .configUnknownKey:
      entry(.config, ("配置中有未知的键", "unknown configuration key"), ("按提示改为最接近的键名", "Use the nearest key named here"))
    case .configInvalid:
      entry(
        .config, ("配置值无效", "invalid configuration value"),
        ("对照 Config/firstframe.yaml 修改", "Compare with Config/firstframe.yaml"))
    case .portInUse:
      entry(
        .config, ("端口已被占用", "the port is in use"),
        ("停止占用的程序或改用其他端口", "Stop the other program or choose another port"))
    case .packageMissing:
      entry(.config, ("缺少系统软件包或插件", "a system package or plugin is missing"), ("运行 scripts/setup", "Run scripts/setup"))
    case .fontMissing:
      entry(.config, ("缺少中文字体", "no Chinese font is installed"), ("安装 fonts-noto-cjk", "Install fonts-noto-cjk"))
    case .clockUnsynced:
      entry(
        .config, ("系统时钟未同步", "the system clock is not synchronised"),
        ("启用 chrony;时长不受影响,日期仅供参考", "Enable chrony; intervals are unaffected, dates are labels only"))
    case .usage:
      entry(.config, ("命令用法错误", "wrong usage"), ("运行 firstframe help 查看用法", "See firstframe help"))
    case .diskFull:
      entry(.disk, ("磁盘已满", "the disk is full"), ("清理或扩容;直播转发不受影响", "Free or add space; live relaying goes on"))
    case .diskFailed:
      entry(.disk, ("磁盘读写失败", "the disk failed"), ("检查磁盘和挂载", "Check the disk and its mount"))
    case .journalBroken:
      entry(
        .disk, ("日志链校验失败", "the journal's chain does not verify"),
        ("保留现场,不要修改文件,联系检查人员", "Keep the files as they are and call the inspector"))
    case .archiveBroken:
      entry(
        .disk, ("录像索引与磁盘不一致", "index and disk disagree"),
        ("运行 firstframe archive check 查看详情", "Run firstframe archive check for details"))
    case .segmentMissing:
      entry(
        .disk, ("录像分段缺失", "a recorded segment is missing"),
        ("检查磁盘;从对端补传或备份恢复", "Check the disk; restore from the peer or a backup"))
    case .segmentChanged:
      entry(
        .disk, ("录像分段内容被改动", "a recorded segment was changed"),
        ("保留现场,联系检查人员", "Keep the file as it is and call the inspector"))
    case .sampleFileBroken:
      entry(
        .disk, ("质量采样文件损坏", "a sample file is broken"),
        ("保留现场,联系检查人员", "Keep the file as it is and call the inspector"))
    case .dataFolderInUse:
      entry(
        .config, ("数据目录正被另一个进程使用", "another process uses this data folder"),
        ("停止另一个 firstframe,或改用其他数据目录", "Stop the other firstframe, or use another data folder"))
    case .keyFileBroken:
      entry(
        .disk, ("密钥文件无法使用", "a key file cannot be used"),
        ("从备份恢复密钥文件;不要删除", "Restore the key file from a backup; do not delete it"))
    case .workerDied:
      entry(
        .relay, ("解码进程退出", "a worker process died"),
        ("系统已自动重启;若反复出现请运行 doctor", "It was restarted; run doctor if it happens again"))
    case .workerBusy:
      entry(
        .relay, ("解码进程繁忙", "the workers are busy"),
        ("减少同时取证的流或增加 workers.count", "Probe fewer streams at once or raise workers.count"))
    case .decodeFailed:
      entry(
        .device, ("画面解码失败", "the picture cannot be decoded"),
        ("检查设备编码;系统会用下一个关键帧重试", "Check the encoder; the next key frame is tried"))
    case .pipelineInvalid:
      entry(
        .config, ("媒体管线文件无效", "a pipeline file is invalid"),
        ("运行 firstframe doctor 检查插件", "Run firstframe doctor to check plugins"))
    case .pipelineFailed:
      entry(.relay, ("媒体管线运行失败", "a pipeline failed"), ("系统会重启该管线;请查看日志", "It is restarted; see the log"))
    case .recorderStalled:
      entry(.relay, ("录像停滞", "the recorder stalled"), ("系统已重启录像;请核对缺口列表", "It was restarted; see the list of gaps"))
    case .factInvalid:
      entry(
        .relay, ("日志内容不合规", "the fact is not allowed in the journal"),
        ("这是程序错误,请附日志上报", "This is a fault of the program; report it with the log"))
    case .journalClosed:
      entry(.relay, ("日志已关闭", "the journal is closed"), ("程序正在停止,请稍后重试", "The program is stopping; try again later"))
    case .peerUnreachable:
      entry(
        .peer, ("无法连接上级中心", "the upper centre cannot be reached"),
        ("检查专线和上级地址;系统会自动重连", "Check the line and the address; it reconnects by itself"))
    case .peerKeyMismatch:
      entry(
        .peer, ("对端密钥与配对时不一致", "the peer's key is not the one that was paired"),
        ("停止使用该链路,电话核对指纹后重新配对", "Stop using the link; compare fingerprints by telephone and pair again"))
    case .pairingCodeWrong:
      entry(.peer, ("配对码错误", "wrong pairing code"), ("向上级索取新的配对码", "Ask the upper centre for a new code"))
    case .pairingExpired:
      entry(
        .peer, ("配对码已过期", "the pairing code has expired"),
        ("在上级重新运行 firstframe pair", "Run firstframe pair again at the upper centre"))
    case .linkMalformed:
      entry(.peer, ("控制链路报文格式错误", "malformed control message"), ("核对两端版本", "Compare the versions of both ends"))
    case .receiptInvalid:
      entry(
        .peer, ("回执校验失败", "the receipt does not verify"),
        ("不计入成绩;联系上级中心", "It does not count; call the upper centre"))
    case .clockStepped:
      entry(
        .config, ("系统时间被调整", "the wall clock was stepped"),
        ("时长不受影响;请检查对时设置", "Intervals are unaffected; check time synchronisation"))
    case .incidentUnknown:
      entry(.config, ("没有这个事件", "no such incident"), ("用 firstframe incident list 查看", "See firstframe incident list"))
    case .incidentClosed:
      entry(.config, ("事件已关闭", "the incident is closed"), ("需要时新建事件", "Open a new incident if needed"))
    case .deviceUnknown:
      entry(.config, ("没有登记该设备", "no such device"), ("核对设备名称", "Check the device's name"))
    case .requestInvalid:
      entry(
        .config, ("请求内容无效", "the request is invalid"),
        ("对照 /openapi.json 检查请求", "Compare the request with /openapi.json"))
    case .notFound:
      entry(.config, ("没有找到", "not found"), ("核对地址", "Check the address"))
    }
  }

  private static func entry(_ origin: Origin, _ happened: (String, String), _ toDo: (String, String)) -> FaultCode.Entry {
    FaultCode.Entry(
      origin: origin, happened: Bilingual(zh: happened.0, en: happened.1), toDo: Bilingual(zh: toDo.0, en: toDo.1))
  }
}
