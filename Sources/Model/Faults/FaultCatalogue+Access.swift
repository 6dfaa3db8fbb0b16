extension FaultCatalogue {
  /// Failures of access: who may do what.
  static let access: [FaultEntry] = [
    FaultEntry(
      .accessDenied, .config, status: 403, happened: ("没有权限", "access denied"),
      toDo: ("请管理员核对该密钥允许的路径和操作", "Ask the administrator which paths and actions this key allows")),
    FaultEntry(
      .credentialsMissing, .device, status: 401, happened: ("没有提供用户名或密钥", "no user name or key was given"),
      toDo: ("在设备上填写密钥后重试", "Enter the key on the device and try again")),
    FaultEntry(
      .credentialsWrong, .device, status: 401, happened: ("用户名或密钥不正确", "wrong user name or key"),
      toDo: ("核对密钥;遗失请用 firstframe key add 重新发放", "Check the key; issue a new one with firstframe key add")),
    FaultEntry(
      .openBindRefused, .config, happened: ("开放访问只允许绑定本机地址", "open access is allowed on loopback only"),
      toDo: ("设置 access.mode=keys,或明确设置 access.openAnywhere=true", "Set access.mode=keys, or access.openAnywhere=true on purpose")),
    FaultEntry(
      .keyExists, .config, happened: ("同名密钥已存在", "a key of that name exists"),
      toDo: ("换一个名字,或先 firstframe key revoke", "Choose another name, or revoke the key first")),
    FaultEntry(
      .keyUnknown, .config, happened: ("没有这个密钥", "no such key"),
      toDo: ("用 firstframe key list 查看", "See firstframe key list")),
    FaultEntry(
      .keyExpired, .config, status: 401, happened: ("密钥已过期", "the key has expired"),
      toDo: ("用 firstframe key list 查看有效期;用 firstframe key revoke 和 key add 重新发放", "See firstframe key list; revoke the key and issue a new one")),
    FaultEntry(
      .tooManyAttempts, .device, status: 429, happened: ("密钥错误次数过多", "too many wrong keys"),
      toDo: ("一分钟后再试,并核对密钥", "Wait a minute, and check the key")),
    FaultEntry(
      .originRefused, .config, status: 403, happened: ("请求来自其他网站的页面", "the request comes from a page of another site"),
      toDo: (
        "直接打开本节点的地址;如经反向代理,请在 http.hosts 中列出其名称",
        "Open this node's own address; behind a proxy, list its name in http.hosts"
      )),
  ]
}
