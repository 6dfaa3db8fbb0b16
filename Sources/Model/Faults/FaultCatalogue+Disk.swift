extension FaultCatalogue {
  /// Failures of everything that is kept on disk.
  static let disk: [FaultEntry] = [
    FaultEntry(
      .diskFull, .disk, status: 507, happened: ("磁盘已满", "the disk is full"),
      toDo: ("清理或扩容;直播转发不受影响", "Free or add space; live relaying goes on")),
    FaultEntry(
      .diskFailed, .disk, status: 507, happened: ("磁盘读写失败", "the disk failed"),
      toDo: ("检查磁盘和挂载", "Check the disk and its mount")),
    FaultEntry(
      .journalBroken, .disk, happened: ("日志链校验失败", "the journal's chain does not verify"),
      toDo: ("保留现场,不要修改文件,联系检查人员", "Keep the files as they are and call the inspector")),
    FaultEntry(
      .archiveBroken, .disk, happened: ("录像索引与磁盘不一致", "index and disk disagree"),
      toDo: ("运行 firstframe archive check 查看详情", "Run firstframe archive check for details")),
    FaultEntry(
      .segmentMissing, .disk, status: 404, happened: ("录像分段缺失", "a recorded segment is missing"),
      toDo: ("检查磁盘;从对端补传或备份恢复", "Check the disk; restore from the peer or a backup")),
    FaultEntry(
      .segmentChanged, .disk, happened: ("录像分段内容被改动", "a recorded segment was changed"),
      toDo: ("保留现场,联系检查人员", "Keep the file as it is and call the inspector")),
    FaultEntry(
      .sampleFileBroken, .disk, happened: ("质量采样文件损坏", "a sample file is broken"),
      toDo: ("保留现场,联系检查人员", "Keep the file as it is and call the inspector")),
    FaultEntry(
      .dataFolderInUse, .config, happened: ("数据目录正被另一个进程使用", "another process uses this data folder"),
      toDo: ("停止另一个 firstframe,或改用其他数据目录", "Stop the other firstframe, or use another data folder")),
    FaultEntry(
      .keyFileBroken, .disk, happened: ("密钥文件无法使用", "a key file cannot be used"),
      toDo: ("从备份恢复密钥文件;不要删除", "Restore the key file from a backup; do not delete it")),
    FaultEntry(
      .diskReadOnly, .disk, status: 507, happened: ("文件系统只读", "the file system is read-only"),
      toDo: ("检查磁盘错误后重新以读写方式挂载", "Check the disk for errors and mount it for writing again")),
    FaultEntry(
      .noDescriptors, .config, status: 507, happened: ("文件描述符用尽", "no file descriptors are left"),
      toDo: ("提高 LimitNOFILE(ulimit -n)后重启", "Raise LimitNOFILE (ulimit -n) and restart")),
    FaultEntry(
      .nodeKeyMissing, .disk, happened: ("日志存在但节点密钥丢失", "there is a journal but the node's key is gone"),
      toDo: (
        "从备份恢复 keys/node.key;确认遗失则把整个数据目录移开留存,再以新目录启动并重新配对",
        "Restore keys/node.key from a backup; if it is lost, keep the whole data folder aside, start with a new one and pair again"
      )),
  ]
}
