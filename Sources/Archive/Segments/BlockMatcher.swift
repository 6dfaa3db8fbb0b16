internal import DequeModule
internal import Model
internal import NIOCore

/// Knows which unit each block of a muxer's output is: of each track the blocks come out in the order in which the units went in.
struct BlockMatcher {
  private var walker = MatroskaWalker()
  /// TrackNumber of the container → index of our track.
  private var trackOf: [UInt64: UInt8] = [:]
  /// Units that went into the muxer and whose blocks have not come out, by track.
  private var waiting: [UInt8: Deque<UnitNote>] = [:]
  /// Blocks that no unit went in for: the muxer invented or doubled something.
  private(set) var strangeBlocks = 0

  mutating func add(_ notes: [UnitNote]) { for note in notes { waiting[note.track, default: []].append(note) } }

  /// The container's header: it names the tracks by numbers of its own, pictures and sound in our order.
  mutating func readHeader(_ bytes: ByteBuffer, tracks: [Track]) {
    match(bytes) { _, _ in }
    trackOf = [:]
    for isVideo in [true, false] {
      let ours = tracks.filter { $0.codec.isVideo == isVideo }
      let theirs = walker.tracks.filter { $0.isVideo == isVideo }
      for (mine, number) in zip(ours, theirs.map(\.number)) { trackOf[number] = mine.index }
    }
  }

  /// Reads container bytes, which may end anywhere in a block; `body` gets each unit whose block ends in them, and the block's payload in bytes.
  mutating func match(_ bytes: ByteBuffer, _ body: (UnitNote, Int) -> Void) {
    bytes.withUnsafeReadableBytes { raw in
      walker.feed(raw) { block in
        if let track = trackOf[block.track], let note = waiting[track]?.popFirst() {
          body(note, block.payload)
        } else {
          strangeBlocks += 1
        }
      }
    }
  }

  /// The first unit by position whose block has not come out.
  var first: UnitNote? { waiting.values.compactMap(\.first).min { $0.position < $1.position } }
}
