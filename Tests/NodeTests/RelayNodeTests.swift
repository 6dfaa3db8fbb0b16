import Foundation
import Model
import Testing

@testable import firstframe

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

@Suite("A whole node starts and stops", .serialized)
struct RelayNodeTests {
  /// Runs a node until `body` has returned.
  private func run(_ node: RelayNode, _ body: () async throws -> Void) async throws {
    let (ready, isReady) = AsyncStream<Void>.makeStream()
    let running = Task { try await node.run(endingAt: []) { isReady.yield() } }
    for await _ in ready { break }
    do { try await body() } catch { Issue.record(error) }
    running.cancel()
    try await running.value
  }

  /// Nothing of a node is left in this process. A thread that has said that it is done still needs a moment to be gone.
  private func expectNothingLeft(_ test: TestNode) async throws {
    for _ in 0..<500 where !TestNode.threads().isEmpty || !test.openFiles().isEmpty { try await Task.sleep(for: .milliseconds(10)) }
    #expect(TestNode.threads().isEmpty)
    #expect(test.openFiles().isEmpty)
  }

  @Test("it answers on all its ports, leaves nothing behind when it ends, and starts again on the same folder")
  func twice() async throws {
    let test = try TestNode()
    for _ in 0..<2 {
      let node = try await test.start()
      #expect([node.ports.rtsp, node.ports.rtmp, node.ports.http, node.ports.control] == test.ports)
      try await run(node) {
        for port in test.ports { #expect(!FreePorts.isFree(port)) }
        let url = try #require(URL(string: "http://127.0.0.1:\(node.ports.http)/healthz"))
        let (_, answer) = try await URLSession.shared.data(from: url)
        #expect((answer as? HTTPURLResponse)?.statusCode == 200)
        #expect(TestNode.threads().contains("journal"))
      }
      try await expectNothingLeft(test)
      for port in test.ports { #expect(FreePorts.isFree(port)) }
    }
    let facts = try test.journal()
    #expect(facts.filter { $0.contains("\"node.started\"") }.count == 2)
    #expect(facts.filter { $0.contains("\"node.stopped\"") }.count == 2)
    #expect(facts.last?.contains("\"reason\":\"signal\"") == true)
  }

  @Test("a port that is taken ends the start; no lock, thread or port stays, and the next start succeeds", arguments: 0..<4)
  func portInUse(index: Int) async throws {
    let test = try TestNode()
    do {
      let occupied = try Occupied(test.ports[index])
      let fault = await #expect(throws: Fault.self) { _ = try await test.start() }
      #expect(fault?.code == .portInUse)
      #expect(fault?.detail.contains(String(test.ports[index])) == true)
      withExtendedLifetime(occupied) {}
    }
    try await expectNothingLeft(test)
    for port in test.ports { #expect(FreePorts.isFree(port)) }
    #expect(try test.journal().last?.contains("\"reason\":\"portInUse\"") == true)
    try await run(try await test.start()) {}
    try await expectNothingLeft(test)
  }

  @Test("a folder that another node holds is refused, and that node goes on")
  func folderInUse() async throws {
    let test = try TestNode()
    try await run(try await test.start()) {
      let threads = TestNode.threads()
      let fault = await #expect(throws: Fault.self) { _ = try await test.start() }
      #expect(fault?.code == .dataFolderInUse)
      #expect(TestNode.threads() == threads)
      #expect(!FreePorts.isFree(test.ports[2]))
    }
    try await expectNothingLeft(test)
  }
}
