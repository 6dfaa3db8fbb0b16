import FirstFrameTesting
import Foundation
import Model
import NIOCore
import Wire

/// A server's side of one connection with everything but the socket: what the tests and the fuzzers feed.
struct RTMPHarness {
  var handshake = RTMPServerHandshake(random: [1, 2, 3])
  var decoder = RTMPChunkDecoder()
  var state = RTMPServerState()
  var reader = FLVUnitReader(id: RTMPHarness.id)
  var units: [AccessUnit] = []
  var events: [RTMPServerState.Event] = []
  var messages: [RTMPMessage] = []
  /// Faults of single messages, after which the connection goes on.
  var mediaFaults: [Fault] = []
  var output = ByteBuffer()
  var accepts = true

  static let id = AccessUnitID(origin: UnitOrigin(node: "test", path: StreamName("live/a")!), epoch: 0, number: 0)

  mutating func feed(_ bytes: some Collection<UInt8>) throws(Fault) {
    var input = ByteBuffer(bytes: bytes)
    state.count(input.readableBytes, output: &output)
    if !handshake.isDone {
      try handshake.receive(&input, reply: &output)
      guard handshake.isDone else { return }
    }
    while let message = try decoder.next(&input) {
      messages.append(message)
      if state.role == .publishing, message.isMedia || message.kind == .data {
        do { _ = try reader.read(message, arrival: BootTime(nanoseconds: 0), into: &units) } catch { mediaFaults.append(error) }
      } else if let event = try state.handle(message, output: &output) {
        events.append(event)
        switch event {
        case .publish where accepts: state.publishAccepted(&output)
        case .play where accepts: state.playAccepted(&output)
        default: break
        }
      }
    }
  }

  static func corpus(_ name: String) throws -> [UInt8] {
    let url = Bundle.module.url(forResource: "Corpora/rtmp/\(name)", withExtension: nil)
    guard let url else { throw CocoaError(.fileNoSuchFile) }
    return [UInt8](try Data(contentsOf: url))
  }

  /// The NAL unit types of a unit.
  static func types(_ unit: AccessUnit, _ codec: Codec) -> [UInt8] {
    unit.nalUnits.map { nal in
      let header = nal.getInteger(at: nal.readerIndex, as: UInt8.self) ?? 0
      return codec == .h264 ? header & 31 : header >> 1 & 63
    }
  }
}
