import Model
import Testing

@testable import firstframe

@Suite("What people see at a terminal")
struct ConsoleTests {
  @Test(
    "Chinese characters fill two columns, combining marks none",
    arguments: [
      ("", 0), ("abc", 3), ("县首图", 6), ("T_county 县", 11), ("e\u{301}", 1), ("(全角)", 6), ("\u{FF08}全角\u{FF09}", 8), ("✓", 1), ("한", 2), ("𠀀", 2),
    ])
  func width(text: String, columns: Int) { #expect(Console.width(text) == columns) }

  @Test("columns are aligned by width, the head is underlined, and no line ends in blanks")
  func table() {
    let lines = Console.lines([["名称 name", "角色", "x"], ["solo01", "field", ""], ["b", "", "y"]])
    #expect(
      lines == [
        "名称 name  角色   x",
        "─────────  ─────  ─",
        "solo01     field",
        "b                 y",
      ])
  }

  @Test("rows may be shorter than the head, or there may be none at all")
  func ragged() {
    #expect(Console.lines([]).isEmpty)
    #expect(Console.lines([[]]) == ["", ""])
    #expect(Console.lines([["a", "b"], ["long"], []]) == ["a     b", "────  ─", "long", ""])
  }

  @Test("a failure says what happened and what to do, Chinese first, with code and origin")
  func fault() {
    #expect(
      Console.text(Fault(.portInUse, "8554"))
        == "✗ 端口已被占用:8554\n  → 停止占用的程序或改用其他端口\n  the port is in use. Stop the other program or choose another port. [portInUse, config]")
    #expect(Console.text(Fault(.notFound)).hasPrefix("✗ 没有找到\n"))
  }
}

@Suite("Figures as people read them")
struct FiguresTests {
  @Test(
    "nanoseconds become seconds with three digits, cut",
    arguments: [
      (nil, "—"), (0, "0.000 s"), (1, "0.000 s"), (999_999, "0.000 s"), (1_000_000, "0.001 s"), (12_345_678_901, "12.345 s"),
      (-1_500_000_000, "-1.500 s"),
      (-1, "0.000 s"), (.max, "9223372036.854 s"), (.min, "-9223372036.854 s"),
    ] as [(Int64?, String)])
  func seconds(nanoseconds: Int64?, text: String) { #expect(Figures.seconds(nanoseconds: nanoseconds) == text) }

  @Test("a bracket shows both ends, and a dash for an end that is open")
  func bracket() {
    #expect(Figures.bracket(nil, nil) == "—")
    #expect(Figures.bracket(1_000_000_000, 2_000_000_000) == "[1.000 s, 2.000 s]")
    #expect(Figures.bracket(nil, 2_000_000_000) == "[—, 2.000 s]")
  }

  @Test(
    "bytes are shown in the unit that keeps them below a thousand",
    arguments: [(0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (1_550_000, "1.6 MB"), (2_000_000_000, "2.0 GB"), (.max, "9223372.0 TB")]
      as [(Int64, String)])
  func bytes(count: Int64, text: String) { #expect(Figures.bytes(count) == text) }

  @Test("a share is cut, so that one that is not whole is never shown as 100 %")
  func percent() {
    #expect(RatesCommand.percent(nil) == "—")
    #expect(RatesCommand.percent(1_000_000) == "100.0 %")
    #expect(RatesCommand.percent(999_999) == "99.9 %")
    #expect(RatesCommand.percent(0) == "0.0 %")
  }
}

@Suite("Free ports", .serialized)
struct FreePortsTests {
  @Test("ports that are found are different, and free")
  func found() throws {
    let ports = try FreePorts.find(20)
    #expect(Set(ports).count == 20)
    #expect(ports.allSatisfy { (1024...65_535).contains($0) && FreePorts.isFree($0) })
  }

  @Test("none are found when none are asked for, and 0 is always free")
  func none() throws {
    #expect(try FreePorts.find(0).isEmpty)
    #expect(FreePorts.isFree(0))
  }

  @Test("what is no port is not free", arguments: [-1, 65_536, 1_000_000])
  func noPort(port: Int) { #expect(!FreePorts.isFree(port)) }
}
