public import NIOCore

extension ByteBuffer {
  /// Appends one value as AMF0. A string beyond 65 535 bytes is written long; member names are cut there.
  public mutating func writeAMF0(_ value: AMF0Value) {
    switch value {
    case .number(let number): writeAMF0(number: number, marker: 0x00)
    case .boolean(let flag):
      writeInteger(UInt8(0x01))
      writeInteger(UInt8(flag ? 1 : 0))
    case .string(let text): writeAMF0(text: text)
    case .object(let object):
      writeInteger(UInt8(0x03))
      writeAMF0(members: object)
    case .null: writeInteger(UInt8(0x05))
    case .undefined: writeInteger(UInt8(0x06))
    case .ecmaArray(let object):
      writeInteger(UInt8(0x08))
      writeInteger(UInt32(truncatingIfNeeded: object.members.count))
      writeAMF0(members: object)
    case .strictArray(let values):
      writeInteger(UInt8(0x0A))
      writeInteger(UInt32(truncatingIfNeeded: values.count))
      for value in values { writeAMF0(value) }
    case .date(let milliseconds):
      writeAMF0(number: milliseconds, marker: 0x0B)
      writeInteger(UInt16(0))
    }
  }

  /// Appends the values one behind the other, as a command or data message holds them.
  public mutating func writeAMF0(_ values: [AMF0Value]) {
    for value in values { writeAMF0(value) }
  }

  private mutating func writeAMF0(number: Double, marker: UInt8) {
    writeInteger(marker)
    writeInteger(number.bitPattern)
  }

  private mutating func writeAMF0(text: String) {
    let count = text.utf8.count
    if count <= 0xFFFF {
      writeInteger(UInt8(0x02))
      writeInteger(UInt16(count))
    } else {
      writeInteger(UInt8(0x0C))
      writeInteger(UInt32(truncatingIfNeeded: count))
    }
    writeString(text)
  }

  private mutating func writeAMF0(members object: AMF0Object) {
    for member in object.members {
      let name = Array(member.name.utf8.prefix(0xFFFF))
      writeInteger(UInt16(name.count))
      writeBytes(name)
      writeAMF0(member.value)
    }
    writeInteger(UInt16(0))
    writeInteger(UInt8(0x09))
  }
}
