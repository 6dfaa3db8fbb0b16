internal import NIOPosix

/// Runs what blocks (files, locks, look-ups) on a thread that may block.
func blocking<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T { try await NIOThreadPool.singleton.runIfActive(body) }
