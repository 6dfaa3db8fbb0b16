extension FaultCatalogue {
  /// Failures of the configuration, the machine and the command line.
  static let machine: [FaultEntry] = [
    FaultEntry(
      .configUnreadable, .config, happened: ("无法读取配置文件", "the configuration cannot be read"),
      toDo: ("检查路径和 YAML 格式", "Check the path and the YAML")),
    FaultEntry(
      .configUnknownKey, .config, isUsage: true, happened: ("配置中有未知的键", "unknown configuration key"),
      toDo: ("按提示改为最接近的键名", "Use the nearest key named here")),
    FaultEntry(
      .configInvalid, .config, happened: ("配置值无效", "invalid configuration value"),
      toDo: ("对照 Config/firstframe.yaml 修改", "Compare with Config/firstframe.yaml")),
    FaultEntry(
      .portInUse, .config, happened: ("端口已被占用", "the port is in use"),
      toDo: ("停止占用的程序或改用其他端口", "Stop the other program or choose another port")),
    FaultEntry(
      .packageMissing, .config, happened: ("缺少系统软件包或插件", "a system package or plugin is missing"),
      toDo: ("运行 scripts/setup", "Run scripts/setup")),
    FaultEntry(
      .fontMissing, .config, happened: ("缺少中文字体", "no Chinese font is installed"),
      toDo: ("安装 fonts-noto-cjk", "Install fonts-noto-cjk")),
    FaultEntry(
      .clockUnsynced, .config, happened: ("系统时钟未同步", "the system clock is not synchronised"),
      toDo: ("启用 chrony;时长不受影响,日期仅供参考", "Enable chrony; intervals are unaffected, dates are labels only")),
    FaultEntry(
      .pathWrong, .config, isUsage: true, happened: ("路径不对", "the path is wrong"),
      toDo: ("核对路径;数据目录用 --data 指定", "Check the path; the data folder is given by --data")),
    FaultEntry(
      .nodeUnreachable, .config, happened: ("无法连接节点", "the node cannot be reached"),
      toDo: ("确认节点已启动,地址用 --node 指定", "See that the node runs; --node gives its address")),
    FaultEntry(
      .usage, .config, isUsage: true, happened: ("命令用法错误", "wrong usage"),
      toDo: ("运行 firstframe help 查看用法", "See firstframe help")),
  ]
}
