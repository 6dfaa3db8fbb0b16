import Measure
import Model
import Testing

@Suite("The incidents of a journal that goes on")
struct IncidentReducersTests {
  /// Two stories in one journal: facts of streams between them, a restart, and facts after the closing.
  private func journal() throws -> [Fact] {
    var story = IncidentStory()
    story.log.add(FactKind.streamStarted, at: 5, ["stream": "live/cam1", "session": "s0"])
    _ = try story.tell()
    story.log.add(FactKind.incidentOpened, at: story.receiptAt + 1, ["incident": "i2", "title": "t", "nonce": "n", "devices": [], "beacons": []])
    story.log.add(FactKind.incidentClosed, at: story.receiptAt + 2, ["incident": "i1"])
    story.log.add(FactKind.streamFirstPacket, at: story.receiptAt + 3, ["stream": "live/tower", "session": "s1", "unit": "u"])
    story.log.add(FactKind.nodeStarted, at: story.receiptAt + 4, [:])
    story.log.add(FactKind.receiptRefused, at: story.receiptAt + 5, ["incident": "i1", "uplink": "up", "reason": "late"])
    story.log.add(FactKind.incidentVoice, at: story.receiptAt + 6, ["incident": "i2", "device": "x"])
    return story.log.facts
  }

  @Test("at every moment each has the figures that all facts so far give it")
  func everyMoment() throws {
    let facts = try journal()
    var reducers = IncidentReducers()
    for (index, fact) in facts.enumerated() {
      reducers.apply(fact)
      for id in ["i1", "i2"] { #expect(reducers.figures(of: id) == IncidentFigures.compute(id, from: Array(facts[...index])), "\(id) \(index)") }
    }
    #expect(reducers.all == ["i1", "i2"] && reducers.open == ["i2"])
    #expect(reducers.all.compactMap { reducers.figures(of: $0) } == IncidentFigures.all(from: facts))
  }

  @Test("figures stand with the closing: afterwards only facts that name the incident count")
  func closing() throws {
    let facts = try journal()
    let place = try #require(facts.firstIndex { $0.kind == FactKind.incidentClosed })
    let closed = try #require(IncidentFigures.compute("i1", from: Array(facts[...place])))
    let later = try #require(IncidentFigures.compute("i1", from: facts))
    #expect(closed.isClosed && closed.throughSequence == facts[place].sequence)
    #expect(later.steps == closed.steps, "a stream that comes after the closing is no step")
    #expect(later.refusals.map(\.reason) == closed.refusals.map(\.reason) + ["late"])
    #expect(later.throughSequence == facts[place + 3].sequence)
  }

  @Test("one that begins in the middle is told which streams were live; one that is closed can be let go, an open one cannot")
  func middle() throws {
    let facts = try journal()
    let opened = try #require(facts.firstIndex { $0.kind == FactKind.incidentOpened })
    var reducers = IncidentReducers()
    reducers.begin(facts[opened], live: ["live/cam1"])
    for fact in facts[(opened + 1)...] { reducers.apply(fact) }
    #expect(reducers.figures(of: "i1") == IncidentFigures.compute("i1", from: facts))
    #expect(reducers.figures(of: "i1")?.devices.map(\.isPreopened) == [true, false])
    reducers.remove("i1")
    reducers.remove("i2")
    #expect(reducers.all == ["i2"] && reducers.figures(of: "i1") == nil && reducers.figures(of: "i2") != nil)
  }
}
