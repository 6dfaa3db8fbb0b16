import Report
import Testing

@Suite("HTML")
struct HTMLTests {
  @Test("a text between literals is escaped, a piece between them is not, and a number is a number")
  func pieces() {
    let hostile = "<b a=\"1\">&'"
    let piece: HTML = "<i>\(hostile)</i>"
    #expect(piece.text == "<i>&lt;b a=&quot;1&quot;&gt;&amp;&#39;</i>")
    let page: HTML = "<p title=\"\(hostile)\">\(piece)\([piece, piece])\(7)\(1.5)\(HTML.empty)</p>"
    let inner = piece.text
    #expect(page.text == "<p title=\"&lt;b a=&quot;1&quot;&gt;&amp;&#39;\">\(inner)\(inner)\(inner)71.5</p>")
    var sum: HTML = "a"
    sum += "<br>"
    #expect("\(sum)" == "a<br>")
  }

  @Test("a quote stays escaped under every combining mark: a browser reads code points, and an attribute would end there")
  func combining() {
    for value in [0x0301, 0x0338, 0x20D7, 0xFE0F, 0x200D, 0x0600, 0x1F3FD] as [UInt32] {
      guard let mark = Unicode.Scalar(value) else { continue }
      let text = "x\"\(Character(mark)) onload=\"y<\(Character(mark))b>&\(Character(mark))'\(Character(mark))"
      let page: HTML = "<p title=\"\(text)\">\(text)</p>"
      let scan = MarkupScan(page.text)
      #expect(scan.elements == ["p"] && scan.attributes == ["p title"], "U+\(String(value, radix: 16))")
      #expect(!page.text.unicodeScalars.dropFirst(10).dropLast(4).contains("<"))
    }
  }

  @Test("what needs no escaping comes through as it is, whatever its script and its length")
  func plain() {
    let long = String(repeating: "iVBORw0KGgo=", count: 100_000)
    for text in ["", "德清县 · 莫干山", "e\u{301}", "👨‍👩‍👧", "\u{0}\u{FFFD}", long] { #expect(HTML.escaped(text) == text) }
    #expect(HTML.escaped("a&b").utf8.elementsEqual("a&amp;b".utf8))
  }

  @Test("the scanner that judges the pages sees what a browser would")
  func scanner() {
    let scan = MarkupScan("<p class=\"a>b\" id=x hidden>1 < 2<br/><style>b{}<i></style></p><!-- <u> --><img alt='\"'>")
    #expect(scan.elements == ["p", "br", "style", "img"])
    #expect(scan.attributes == ["p class", "p id", "p hidden", "img alt"])
    #expect(MarkupScan("<p a=\"\"\u{301}onload=x>").attributes == ["p a", "p \u{301}onload"], "a mark after a quote does not hide it")
  }
}
