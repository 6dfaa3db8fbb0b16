/// The elements of an RTP header extension (RFC 8285), in the one-byte and the two-byte form.
public enum HeaderExtension {
  /// Where the data of the element `id` begins in the packet; nil when it is absent, has another length, or the extension is badly framed.
  /// - Parameter header: the same packet's.
  @inlinable
  public static func find(_ id: UInt8, length wanted: Int, in packet: UnsafeRawBufferPointer, _ header: RTPHeader) -> Int? {
    guard header.hasExtension, header.extensionOffset >= 0, header.extensionLength >= 0,
      header.extensionOffset <= packet.count, header.extensionLength <= packet.count &- header.extensionOffset
    else { return nil }
    let twoByte = header.extensionProfile & 0xFFF0 == 0x1000
    guard twoByte || header.extensionProfile == 0xBEDE else { return nil }
    let end = header.extensionOffset &+ header.extensionLength
    var at = header.extensionOffset
    while at < end {
      let head = packet[at]
      at &+= 1
      if head == 0 { continue }
      let element = twoByte ? head : head >> 4
      let length: Int
      if twoByte {
        guard at < end else { return nil }
        length = Int(packet[at])
        at &+= 1
      } else {
        // RFC 8285 §4.2: id 15 ends the list, id 0 is padding whatever its length says.
        if element == 15 { return nil }
        length = Int(head & 0x0F) &+ 1
      }
      guard length <= end &- at else { return nil }
      if element == id { return length == wanted ? at : nil }
      at &+= length
    }
    return nil
  }
}
