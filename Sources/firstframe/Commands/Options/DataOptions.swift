internal import ArgumentParser

/// The folder where a node keeps everything it must not lose.
struct DataOptions: ParsableArguments {
  @Option(name: .customLong("data"), help: "数据目录 | the node's data folder")
  var data = "data"
}
