internal import CLinux
internal import Glibc
internal import Model
internal import Pipelines

/// The worker's side: `firstframe worker decode --socket PATH`.
public enum WorkerMain {
  /// Address space of a worker; a 4K H.265 key frame needs a tenth of it.
  static let addressSpace: UInt64 = 2 << 30
  static let niceness: Int32 = 5
  /// Freed memory that it keeps for the next picture: all that a 4K key frame takes.
  static let keptMemory: Int32 = 64 << 20

  /// Serves until the relay goes away. Blocks the calling thread: call it from `main`, nowhere else.
  /// - Parameter arguments: what follows `worker`: `decode --socket PATH`.
  /// - Returns: the process's exit code: 0 when the relay closed, 1 for a failure, 2 for wrong usage. What failed is on standard error.
  public static func run(arguments: [String]) -> Int32 {
    guard arguments.count == 3, arguments[0] == "decode", arguments[1] == "--socket" else {
      complain(Fault(.usage, "firstframe worker decode --socket PATH"))
      return 2
    }
    // The relay closes the socket when it stops; a Ctrl-C in its terminal is its own to handle.
    signal(SIGINT, SIG_IGN)
    let confined = ff_confine_worker(addressSpace, niceness)
    guard confined == 0 else {
      complain(Fault(.workerDied, "confine: \(String(cString: strerror(-confined)))"))
      return 1
    }
    FreshMemory.keepFreed(bytes: keptMemory)
    do {
      let connection = try WorkerSocket.connect(to: arguments[2])
      try serve(connection, library: PipelineLibrary.locate())
      return 0
    } catch {
      complain(error)
      return 1
    }
  }

  /// One job after the other; returns when the relay closes. Throws what keeps it from working at all.
  static func serve(_ connection: WorkerConnection, library: PipelineLibrary) throws(Fault) {
    let decoder = try KeyFrameDecoder(library: library)
    let looker = try LookDecoder(library: library)
    let listener = try ListenDecoder(library: library)
    try connection.send(WorkerHello(work: "decode", pid: Int64(getpid())).frame, within: .seconds(5))
    while let frame = try? connection.receive(within: .seconds(24 * 3600)) {
      switch frame.kind {
      case .ping: try connection.send(WorkerFrame(.pong), within: .seconds(5))
      case .job:
        try connection.send(try answer(frame, decoder, looker, listener), within: .seconds(5))
      case .hello, .result, .units, .pong: throw Fault(.workerDied, "unexpected frame \(frame.kind)")
      }
    }
  }

  private static func answer(
    _ frame: WorkerFrame, _ decoder: KeyFrameDecoder, _ looker: LookDecoder, _ listener: ListenDecoder
  ) throws(Fault) -> WorkerFrame {
    if let request = DecodeRequest(frame) { return decoder.decode(request).frame(id: request.id) }
    if let request = LookRequest(frame) { return looker.decode(request).frame(id: request.id) }
    if let request = ListenRequest(frame) { return listener.decode(request).frame(id: request.id) }
    throw Fault(.workerDied, "a job that is none")
  }

  private static func complain(_ fault: Fault) {
    let line = fault.description + "\n"
    _ = write(STDERR_FILENO, line, line.utf8.count)
  }
}
