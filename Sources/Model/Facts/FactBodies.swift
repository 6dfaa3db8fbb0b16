/// Every kind of fact that has a body: what a test holds docs/facts.md against. A new body gets its line here.
public enum FactBodies {
  /// In the order of docs/facts.md.
  public static let all: [any FactBody.Type] = [
    // A node's life
    NodeStartedFact.self, NodeStoppedFact.self, JournalRecoveredFact.self, JournalDamagedFact.self, JournalLostFact.self,
    JournalRejectedFact.self, ClockStateFact.self, ClockStepFact.self, AccessRefusedFact.self,
    // Incidents
    IncidentOpenedFact.self, IncidentStepFact.self, IncidentAnnouncedFact.self, IncidentWarningFact.self, IncidentMissedFact.self,
    IncidentClosedFact.self,
    // Streams
    StreamStartedFact.self, StreamEndedFact.self, ReaderEndedFact.self, StreamRefusedFact.self, StreamGapFact.self,
    StreamClockRepairedFact.self, StreamFirstPacketFact.self, StreamFirstKeyframeFact.self, PullFailedFact.self,
    // Connections and exclusions
    DeviceRegisteredFact.self, ConnectionRequestedFact.self, ConnectionMissedFact.self, ExclusionApprovedFact.self,
    // The archive
    SegmentCommittedFact.self, ArchiveGapFact.self, ArchiveFaultFact.self, ArchiveResumedFact.self, ArchiveRecoveredFact.self,
    ArchiveQuarantinedFact.self, RecorderStalledFact.self,
    // Pictures
    PictureDecodedFact.self, PictureSecondFact.self, PictureRefusedFact.self, PictureShownFact.self,
    // Between tiers
    LinkPairedFact.self, LinkUpFact.self, LinkDownFact.self, ClockBridgeFact.self, KeyframeSentFact.self, ProvinceHeardFact.self,
    ReceiptSentFact.self, ReceiptReceivedFact.self, ReceiptConfirmedFact.self, ReceiptRefusedFact.self, OffsetIntervalFact.self,
    // Figures
    SamplesBlockFact.self, QualityWindowFact.self, ProfileEmbeddedFact.self, VerdictFact.self,
  ]
}
