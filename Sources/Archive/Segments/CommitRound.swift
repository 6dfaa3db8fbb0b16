internal import Journal
internal import Model

/// What one transaction of the index takes from all streams, and what is known once it is in.
struct CommitRound {
  private struct End {
    var writer: StreamSegmentWriter
    var segments: [ClosedSegment]
    var hash: String
  }

  private(set) var batch = ArchiveIndex.Batch()
  /// Gaps that the segments of this round end: recorded as facts with them.
  private(set) var gaps: [ArchiveGap] = []
  private var ends: [End] = []

  /// - Parameter waiting: gaps whose facts are recorded already.
  init(waiting: [ArchiveGap]) { batch.gaps = waiting }

  /// Puts a stream's durable segments at the end of its chain.
  mutating func add(_ segments: [ClosedSegment], of writer: StreamSegmentWriter, _ context: ArchiveContext) {
    guard !segments.isEmpty else { return }
    var hash = writer.chainHash
    for segment in segments {
      let record = segment.chained(after: hash)
      hash = record.hash
      batch.segments.append((record, segment.stats.cut))
      guard let pause = segment.pause else { continue }
      let gap = context.gap(
        record.stream, session: record.session, boot: record.boot, from: pause.from, to: record.start, pause.cause, pause.event)
      gaps.append(gap)
      batch.gaps.append(gap)
    }
    ends.append(End(writer: writer, segments: segments, hash: hash))
  }

  /// The transaction is in: the segments count, their facts are recorded, and the chains have new ends.
  func acknowledge(_ heads: HeadLog?, _ context: ArchiveContext) {
    for gap in gaps { context.record(gap) }
    for end in ends {
      for segment in end.segments {
        segment.chain.noteCommitted(segment.stats.units)
        end.writer.recording.note {
          $0.recordedUnits += segment.stats.units
          $0.recordedBytes += segment.stats.payloadBytes
        }
      }
      end.writer.acknowledged(end.segments.count, hash: end.hash)
      heads?.advanced(end.writer.recording.id, sequence: end.writer.chainSequence, hash: end.hash)
    }
    for (record, _) in batch.segments {
      var fields = record.fields
      fields["hash"] = .string(record.hash)
      context.facts.record(FactKind.segmentCommitted, fields, at: record.boot == context.clock.bootID ? record.end : nil)
    }
  }
}
