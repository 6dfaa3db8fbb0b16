internal import Model
internal import NIOCore
internal import NIOPosix
internal import Transport

/// The threads that connections live on.
struct LoopsPart: NodePart {
  struct Loops: Sendable {
    /// Streams, their publishers and their readers.
    let media: MediaLoops
    /// Control links, HTTP and timers: they stay off the media loops.
    let control: MultiThreadedEventLoopGroup
  }

  let name = "loops"
  /// Of media loops.
  let count: Int

  func start() async throws -> Loops {
    Loops(media: try MediaLoops(count: count), control: MultiThreadedEventLoopGroup(numberOfThreads: 1))
  }

  func stop(_ loops: Loops) async {
    try? await loops.media.shutdownGracefully()
    try? await loops.control.shutdownGracefully()
  }
}
