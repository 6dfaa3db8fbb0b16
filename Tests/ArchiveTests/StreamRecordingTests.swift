import Foundation
import Model
import NIOCore
import Pipelines
import Synchronization
import Testing

@testable import Archive

@Suite("One stream's muxers and spools")
struct StreamRecordingTests {
  private static func run(_ chain: SpoolChain, recovered: Bool = false) -> TapRun {
    TapRun(
      tracks: SmallClip.tracks, anywhere: false, origin: TapRun.Origin(boot: "b", reading: nil, isRecovered: recovered), chain: chain, limit: 1000)
  }

  private static func note(_ run: TapRun, _ position: UInt64) {
    run.note([
      UnitNote(position: position, firstArrival: .init(nanoseconds: 0), arrival: .init(nanoseconds: 0), bytes: 1, track: 0, isVideo: true, session: 0)
    ])
  }

  @Test("Live muxers wait while what came before them is recovered, and follow it in their order")
  func order() {
    let recording = StreamRecording(name: Bench.name, id: Bench.id)
    let chain = SpoolChain(run: 1)
    #expect(recording.isIdle)
    recording.beginRecovery()
    #expect(!recording.isIdle)
    let (live, second, recovered) = (Self.run(chain), Self.run(chain), Self.run(chain, recovered: true))
    recording.add(live)
    #expect(recording.first == nil)
    recording.add(recovered)
    recording.add(second)
    #expect(recording.first === recovered)
    recording.endRecovery()
    var order: [TapRun] = []
    while let next = recording.first {
      order.append(next)
      recording.removeFirst()
    }
    #expect(order.map { ObjectIdentifier($0) } == [recovered, live, second].map { ObjectIdentifier($0) })
    #expect(recording.isIdle)
    recording.removeFirst()
  }

  @Test("The oldest unit that waits is found over all muxers of a chain, and of that chain alone")
  func oldest() {
    let recording = StreamRecording(name: Bench.name, id: Bench.id)
    let (chain, other) = (SpoolChain(run: 1), SpoolChain(run: 2))
    #expect(recording.oldestWaiting(chain) == nil)
    for (run, position) in [(Self.run(chain), 40), (Self.run(chain), 30), (Self.run(other), 5)] as [(TapRun, UInt64)] {
      Self.note(run, position)
      recording.add(run)
    }
    #expect(recording.oldestWaiting(chain) == 30)
    #expect(recording.oldestWaiting(other) == 5)
    _ = recording.first?.drain()
    #expect(recording.oldestWaiting(chain) == 30)
  }

  @Test("A muxer's output that the disk does not fetch is bounded, and the fault says so")
  func backlog() {
    let run = Self.run(SpoolChain(run: 1))
    func chunk(_ bytes: Int) -> MuxedChunk { MuxedChunk(bytes: ByteBuffer(repeating: 1, count: bytes), unitCount: 1) }
    run.put(chunk(600))
    #expect(run.fault == nil)
    run.put(chunk(600))
    #expect(run.fault?.code == .recorderStalled)
    run.put(chunk(1))
    let output = run.drain()
    #expect(output.chunks.count == 1)
    #expect(output.fault?.code == .recorderStalled)
    run.put(chunk(600))
    #expect(run.drain().chunks.count == 1, "fetched, there is room again")
    #expect(run.counters.emitted == 4)
    run.putBack([chunk(7), chunk(8)])
    run.put(chunk(9))
    #expect(run.drain().chunks.map(\.bytes.readableBytes) == [7, 8, 9])
    run.end(Fault(.decodeFailed, "later"))
    run.put(chunk(1))
    #expect(run.drain().chunks.isEmpty)
    #expect(run.drain().isEnded)
    #expect(run.fault?.code == .recorderStalled, "the first fault is the one that counts")
  }

  @Test("A chain gives back the files whose units are all committed, and says once that it is finished")
  func chain() throws {
    let folder = try Bench.temporary()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let chain = SpoolChain(run: 3, planned: 10)
    for (number, last) in [(1, 9), (2, 19), (3, 29)] as [(Int, UInt64)] {
      chain.seal(try SpoolFile(creating: "\(folder)/\(number)", bytes: 8192), last: last)
    }
    #expect(chain.release(before: 9).isEmpty)
    #expect(chain.release(before: 10).map { $0.path.suffix(1) } == ["1"])
    #expect(chain.release(before: 10).isEmpty)
    #expect(chain.release(before: .max).map { $0.path.suffix(1) } == ["2", "3"])
    chain.plan(upTo: 5)
    #expect(chain.planned == 10, "a plan does not go back")
    chain.noteCommitted(4)
    chain.noteCommitted(3)
    #expect(chain.committed == 7)
    let count = Mutex(0)
    chain.whenFinished { count.withLock { $0 += 1 } }
    chain.finished()
    chain.finished()
    #expect(count.withLock { $0 } == 1)
  }
}
