extension FaultCatalogue {
  /// Failures of links between the centres.
  static let tiers: [FaultEntry] = [
    FaultEntry(
      .peerUnreachable, .peer, happened: ("无法连接上级中心", "the upper centre cannot be reached"),
      toDo: ("检查专线和上级地址;系统会自动重连", "Check the line and the address; it reconnects by itself")),
    FaultEntry(
      .peerKeyMismatch, .peer, happened: ("对端密钥与配对时不一致", "the peer's key is not the one that was paired"),
      toDo: ("停止使用该链路,电话核对指纹后重新配对", "Stop using the link; compare fingerprints by telephone and pair again")),
    FaultEntry(
      .notPaired, .config, happened: ("尚未与上级配对", "not paired with the upper centre yet"),
      toDo: ("用 firstframe pair 配对", "Pair with firstframe pair")),
    FaultEntry(
      .pairingCodeWrong, .peer, happened: ("配对码错误", "wrong pairing code"),
      toDo: ("向上级索取新的配对码", "Ask the upper centre for a new code")),
    FaultEntry(
      .pairingExpired, .peer, happened: ("配对码已过期", "the pairing code has expired"),
      toDo: ("在上级重新运行 firstframe pair", "Run firstframe pair again at the upper centre")),
    FaultEntry(
      .pairingNameTaken, .config, happened: ("该节点名已被使用", "that node name is taken"),
      toDo: (
        "换一个 node.name;更换已配对节点的密钥须在上级运行 firstframe pair --replace 节点名",
        "Choose another node.name; to give a paired node a new key, run firstframe pair --replace NODE at the upper centre"
      )),
    FaultEntry(
      .linkMalformed, .peer, happened: ("控制链路报文格式错误", "malformed control message"),
      toDo: ("核对两端版本", "Compare the versions of both ends")),
    FaultEntry(
      .receiptInvalid, .peer, happened: ("回执校验失败", "the receipt does not verify"),
      toDo: ("不计入成绩;联系上级中心", "It does not count; call the upper centre")),
    FaultEntry(
      .clockStepped, .config, happened: ("系统时间被调整", "the wall clock was stepped"),
      toDo: ("时长不受影响;请检查对时设置", "Intervals are unaffected; check time synchronisation")),
  ]
}
