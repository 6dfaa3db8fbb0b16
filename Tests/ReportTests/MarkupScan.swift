/// The elements and attributes of a page, read as a browser's tokenizer reads them (HTML Living Standard, section 13.2.5): by code points, not by what a
/// person takes for a character.
struct MarkupScan {
  private(set) var elements: Set<String> = []
  /// As `element attribute`.
  private(set) var attributes: Set<String> = []
  /// What stands between the tags, entities as they are.
  private(set) var text: [String] = []

  private var rest: Substring.UnicodeScalarView

  init(_ html: String) {
    rest = html[...].unicodeScalars
    while !rest.isEmpty {
      text.append(take { $0 != "<" })
      guard rest.popFirst() != nil, let first = rest.first else { break }
      if first == "/" || first == "!" {
        _ = take { $0 != ">" }
        _ = rest.popFirst()
      } else if first.properties.isAlphabetic && first.isASCII {
        readTag()
      } else {
        text.append("<")
      }
    }
  }

  private mutating func take(_ condition: (Unicode.Scalar) -> Bool) -> String {
    let taken = rest.prefix(while: condition)
    rest = rest[taken.endIndex...]
    return String(taken)
  }

  private mutating func readTag() {
    let name = take { !" \n/>".unicodeScalars.contains($0) }
    elements.insert(name)
    while let next = rest.first, next != ">" {
      if " \n/".unicodeScalars.contains(next) {
        rest.removeFirst()
        continue
      }
      attributes.insert("\(name) \(take { !" \n/>=".unicodeScalars.contains($0) })")
      guard rest.first == "=" else { continue }
      rest.removeFirst()
      readValue()
    }
    _ = rest.popFirst()
    // A style sheet's text is no markup.
    if name == "style" { while !rest.isEmpty, !rest.starts(with: "</style".unicodeScalars) { rest.removeFirst() } }
  }

  private mutating func readValue() {
    guard let quote = rest.first, quote == "\"" || quote == "'" else {
      _ = take { !" \n>".unicodeScalars.contains($0) }
      return
    }
    rest.removeFirst()
    _ = take { $0 != quote }
    _ = rest.popFirst()
  }
}
