import FirstFrameTesting
import Foundation
import Model
import Testing

@Suite("Typed facts")
struct FactBodyTests {
  @Test("write the very bytes that their kind has always had", arguments: FactSample.all)
  func bytes(sample: FactSample) { #expect(JSON.object(sample.body.fields).text == sample.text) }

  @Test("come back from the journal as they went in", arguments: FactSample.all)
  func roundTrip(sample: FactSample) throws {
    func read<Body: FactBody>(_ body: Body) -> Bool { Body(sample.fact) == body }
    let isSame = read(sample.body)
    #expect(isSame)
    let again = try #require(type(of: sample.body).init(sample.fact))
    #expect(again.kind == sample.body.kind)
    #expect(again.fields == sample.body.fields)
  }

  @Test("are read from their own kind alone", arguments: FactSample.all)
  func kinds(sample: FactSample) {
    let other = FactSample.fact("other.kind", sample.body.fields)
    #expect(type(of: sample.body).init(other) == nil)
  }

  @Test("whatever a line's members are, are read or are none: nothing traps and nothing is made up", arguments: FactSample.all)
  func hostile(sample: FactSample) throws {
    let strange: [JSON] = [.null, true, 0, .int(.min), .int(.max), "", "\u{0}", [], [1, .null, [:]], [:], ["id": 1]]
    for key in sample.body.fields.keys {
      for value in strange {
        let fact = FactSample.fact(sample.body.kind, sample.body.fields.merging([key: value]) { $1 })
        guard let read = type(of: sample.body).init(fact) else { continue }
        // What was understood is written so that it is understood again.
        let again = try #require(type(of: sample.body).init(FactSample.fact(read.kind, read.fields)), "\(sample.body.kind).\(key): \(value)")
        #expect(again.fields == read.fields, "\(sample.body.kind).\(key): \(value)")
      }
    }
  }

  @Test("stand in the registry with a sample of each kind, and every kind has a body")
  func registry() throws {
    let kinds = FactBodies.all.flatMap { $0.kinds }
    #expect(kinds.count == Set(kinds).count, "a kind has two bodies")
    #expect(Set(kinds) == Set(FactSample.all.map(\.body.kind)))
    let sampled = Set(FactSample.all.map { ObjectIdentifier(type(of: $0.body)) })
    #expect(FactBodies.all.allSatisfy { sampled.contains(ObjectIdentifier($0)) })
    #expect(try Set(kinds) == FactBodyTests.constants())
  }

  /// The kinds that FactKind.swift names.
  private static func constants() throws -> Set<String> {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appendingPathComponent("Sources/Model/Facts/FactKind.swift"), encoding: .utf8)
    return Set(text.matches(of: /public static let \w+ = "([^"]+)"/).map { String($0.output.1) })
  }
}

@Suite("docs/facts.md")
struct FactPageTests {
  @Test("has a section for every kind and for nothing else")
  func kinds() throws {
    let documented = try FactPage().sections.flatMap(\.kinds)
    #expect(documented.count == Set(documented).count)
    #expect(Set(documented) == Set(FactBodies.all.flatMap { $0.kinds }))
  }

  @Test("names every field with its type, and says where it may be absent or null")
  func fields() throws {
    for section in try FactPage().sections {
      let written = FactSample.all.filter { section.kinds.contains($0.body.kind) }.map(\.body.fields)
      let names = Set(written.flatMap(\.keys))
      #expect(names == Set(section.fields.map(\.name)), "\(section.kinds)")
      for field in section.fields {
        let values = written.map { $0[field.name] }
        #expect(values.contains(nil) == field.mayBeAbsent, "\(section.kinds): \(field.name) may be absent: the samples do not agree")
        #expect(values.contains(.null) == field.mayBeNull, "\(section.kinds): \(field.name) may be null: the samples do not agree")
        for case let value? in values where value != .null {
          #expect(field.type == "any" || FactPageTests.type(value) == field.type, "\(section.kinds): \(field.name)")
        }
      }
    }
  }

  private static func type(_ value: JSON) -> String {
    switch value {
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}
