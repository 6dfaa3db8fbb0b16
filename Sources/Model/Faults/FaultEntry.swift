/// What the catalogue says about one ``FaultCode``.
struct FaultEntry: Hashable, Sendable {
  var code: FaultCode
  var origin: Origin
  /// The status of an HTTP answer that carries it.
  var httpStatus: Int
  /// Whether the caller used a command or a configuration key that does not exist; the command line then ends with 2 instead of 1.
  var isUsage: Bool
  var happened: Bilingual
  var toDo: Bilingual

  /// - Parameters:
  ///   - status: of an HTTP answer; 500 for what no request can cause or mend.
  ///   - happened: Chinese, then English; a clause without a full stop.
  ///   - toDo: Chinese, then English; what the reader of the message can do.
  init(
    _ code: FaultCode, _ origin: Origin, status: Int = 500, isUsage: Bool = false, happened: (zh: String, en: String), toDo: (zh: String, en: String)
  ) {
    self.code = code
    self.origin = origin
    self.httpStatus = status
    self.isUsage = isUsage
    self.happened = Bilingual(zh: happened.zh, en: happened.en)
    self.toDo = Bilingual(zh: toDo.zh, en: toDo.en)
  }
}
