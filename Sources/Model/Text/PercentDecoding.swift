/// Decodes `%XX` in a URL's path or query (RFC 3986 §2.1); nil for a broken escape or bytes that are not UTF-8.
public func percentDecoded(_ text: String) -> String? {
  guard text.utf8.contains(37) else { return text }
  var bytes: [UInt8] = []
  var rest = text.utf8.makeIterator()
  while let byte = rest.next() {
    guard byte == 37 else {
      bytes.append(byte)
      continue
    }
    guard let high = rest.next().flatMap(hexDigit), let low = rest.next().flatMap(hexDigit) else { return nil }
    bytes.append(high << 4 | low)
  }
  return String(validating: bytes, as: UTF8.self)
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 48...57: byte - 48
  case 65...70: byte - 55
  case 97...102: byte - 87
  default: nil
  }
}
