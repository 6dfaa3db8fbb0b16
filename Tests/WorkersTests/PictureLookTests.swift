import Testing

@testable import Workers

@Suite("Whether a picture shows anything") struct PictureLookTests {
  private func histogram(_ values: [(Int, Int)]) -> [Int] {
    var counts = [Int](repeating: 0, count: 256)
    for (value, count) in values { counts[value] += count }
    return counts
  }

  @Test("black is dark and flat, limited and full range alike") func black() {
    let limited = PictureLook(histogram: histogram([(16, 10_000)]), isFullRange: false)
    #expect(limited == PictureLook(lumaMeanMilli: 0, lumaVariancePpm: 0, visible: false, dark: false, black: true, flat: true))
    #expect(limited.reason == "black")
    #expect(PictureLook(histogram: histogram([(0, 5000), (1, 5000)]), isFullRange: true).black)
    // Full-range black read as limited range is black too; limited-range black read as full range is 0.063.
    #expect(PictureLook(histogram: histogram([(0, 100)]), isFullRange: false).black)
    #expect(PictureLook(histogram: histogram([(16, 100)]), isFullRange: true).lumaMeanMilli == 63)
    #expect(PictureLook(histogram: histogram([(16, 100)]), isFullRange: true).black)
  }

  @Test("one uniform colour is flat, not black") func flat() {
    let grey = PictureLook(histogram: histogram([(126, 5000), (127, 5000)]), isFullRange: false)
    #expect(grey.flat && !grey.visible && !grey.black && !grey.dark)
    #expect(grey.reason == "flat")
    #expect(grey.lumaMeanMilli == 505)
  }

  @Test("a torch-lit night scene counts, flagged dark") func torch() {
    let night = PictureLook(histogram: histogram([(17, 9850), (200, 150)]), isFullRange: false)
    #expect(night.visible && night.dark && !night.black && !night.flat)
    #expect(night.reason == "")
  }

  @Test("98 % of dark pixels are dark, fewer are not; 0.10 of the range is dark, more is not") func edges() {
    #expect(PictureLook(histogram: histogram([(16, 980), (235, 20)]), isFullRange: false).dark)
    #expect(!PictureLook(histogram: histogram([(16, 979), (235, 21)]), isFullRange: false).dark)
    #expect(PictureLook(histogram: histogram([(37, 980), (235, 20)]), isFullRange: false).dark)
    #expect(!PictureLook(histogram: histogram([(38, 980), (235, 20)]), isFullRange: false).dark)
    #expect(PictureLook(histogram: histogram([(25, 980), (235, 20)]), isFullRange: true).dark)
    #expect(!PictureLook(histogram: histogram([(26, 980), (235, 20)]), isFullRange: true).dark)
    // Half the pixels 2 d apart: standard deviation d. 0.01 of 219 is 2.19.
    #expect(PictureLook(histogram: histogram([(100, 50), (104, 50)]), isFullRange: false).flat)
    #expect(!PictureLook(histogram: histogram([(100, 50), (105, 50)]), isFullRange: false).flat)
  }

  @Test("nothing at all is not visible") func nothing() {
    #expect(!PictureLook(histogram: [Int](repeating: 0, count: 256), isFullRange: false).visible)
    #expect(!PictureLook(histogram: [], isFullRange: false).visible)
  }
}
