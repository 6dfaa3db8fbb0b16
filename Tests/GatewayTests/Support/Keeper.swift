import Hub
import Model
import NIOConcurrencyHelpers
import NIOCore

/// A reader that keeps what it is given.
final class Keeper: StreamReader {
  private struct State {
    var units: [AccessUnit] = []
    var descriptions: [StreamDescription] = []
    var clocks: [UInt32] = []
  }

  let loop: any EventLoop
  private let state = NIOLockedValueBox(State())

  init(_ loop: any EventLoop) { self.loop = loop }

  var units: [AccessUnit] { state.withLockedValue { $0.units } }
  var descriptions: [StreamDescription] { state.withLockedValue { $0.descriptions } }
  /// RTP timestamps of the publisher's sender reports.
  var clocks: [UInt32] { state.withLockedValue { $0.clocks } }

  func streamStarted(_ description: StreamDescription) { state.withLockedValue { $0.descriptions.append(description) } }
  func receive(_ delivery: Delivery) { state.withLockedValue { $0.units += delivery.units } }
  func streamInterrupted(at: BootTime) {}
  func streamEnded(_ reason: Fault) {}
  func senderReport(track: UInt8, wall: WallTime, rtpTimestamp: UInt32) { state.withLockedValue { $0.clocks.append(rtpTimestamp) } }
}

/// A form of one byte a unit: its number, and 0x80 for a key unit.
final class OneBytePacketisation: Packetisation {
  static let form = ReaderForm.packets(key: "one byte") { _ in OneBytePacketisation() }

  func encode(_ unit: AccessUnit, into buffer: inout ByteBuffer) {
    let number = unit.payload.getInteger(at: unit.payload.readerIndex, as: UInt8.self) ?? 0
    buffer.writeInteger(number | (unit.isKey ? 0x80 : 0))
  }

  func update(_ description: StreamDescription, into buffer: inout ByteBuffer) {}
}
