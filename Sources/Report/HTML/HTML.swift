/// A piece of HTML that escapes by construction: literals and other pieces stand as they are, every text that is put between them is escaped.
///
/// There is no way in for a text that is not escaped: literals are ``StaticString``, so a title, a name or an address can never become markup.
/// Escaping goes by Unicode scalar. By character it would let a quote that is followed by a combining mark through, which still ends an attribute.
public struct HTML: Sendable, Hashable, CustomStringConvertible {
  /// The markup, ready to be sent or stored.
  public private(set) var text: String

  /// Nothing: what a section that has nothing to show is.
  public static let empty = HTML(markup: "")

  private init(markup: String) { text = markup }

  /// The same as ``text``.
  public var description: String { text }

  /// Adds a piece behind a page.
  public static func += (page: inout HTML, piece: HTML) { page.text += piece.text }

  /// `text` with `&`, `<`, `>` and both quotes as entities: safe as an element's content and inside a quoted attribute.
  public static func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: isSpecial) else { return text }
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out.append(contentsOf: "&amp;".unicodeScalars)
      case "<": out.append(contentsOf: "&lt;".unicodeScalars)
      case ">": out.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": out.append(contentsOf: "&quot;".unicodeScalars)
      case "'": out.append(contentsOf: "&#39;".unicodeScalars)
      default: out.append(scalar)
      }
    }
    return String(out)
  }

  /// Base64 pictures are megabytes long and need no second copy.
  private static func isSpecial(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
    default: false
    }
  }
}

extension HTML: ExpressibleByStringInterpolation {
  /// A literal of the program's own, as it stands.
  public init(stringLiteral value: StaticString) { text = value.description }
  /// Called by the compiler for a literal with texts in it.
  public init(stringInterpolation: StringInterpolation) { text = stringInterpolation.markup }

  /// How a literal with texts, numbers and pieces in it becomes markup.
  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var markup = ""

    /// Room for the literals and for a short text in each gap.
    public init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(literalCapacity + 32 * interpolationCount) }

    /// As it stands.
    public mutating func appendLiteral(_ literal: StaticString) { markup += literal.description }
    /// Escaped.
    public mutating func appendInterpolation(_ text: String) { markup += HTML.escaped(text) }
    /// In decimal.
    public mutating func appendInterpolation(_ number: some BinaryInteger) { markup += String(number) }
    /// The shortest decimal that reads back as the same number.
    public mutating func appendInterpolation(_ number: Double) { markup += "\(number)" }
    /// The name of an element or attribute, known when this was compiled.
    public mutating func appendInterpolation(name: StaticString) { markup += name.description }
    /// As it stands.
    public mutating func appendInterpolation(_ piece: HTML) { markup += piece.text }
    /// One after the other.
    public mutating func appendInterpolation(_ pieces: [HTML]) { for piece in pieces { markup += piece.text } }
  }
}
