/// The catalogue of failures. A code never changes its meaning; texts may be improved.
public enum FaultCode: String, Sendable, CaseIterable, Codable {
  // Access
  case accessDenied, credentialsMissing, credentialsWrong, openBindRefused, keyExists, keyUnknown, tooManyAttempts
  // Streams
  case streamNameInvalid, streamBusy, streamUnknown, streamEnded, noKeyframe, publisherGone, codecUnsupported, mediaMalformed
  // Protocols
  case rtspMalformed, rtspTimeout, rtmpMalformed, handshakeTimeout, transportUnsupported, pullFailed, pushFailed, httpMalformed, tooManyClients
  // Configuration and machine
  case configUnreadable, configUnknownKey, configInvalid, portInUse, packageMissing, fontMissing, clockUnsynced, usage
  // Disk
  case diskFull, diskFailed, journalBroken, archiveBroken, segmentMissing, segmentChanged, sampleFileBroken, dataFolderInUse, keyFileBroken
  // Workers and media
  case workerDied, workerBusy, decodeFailed, pipelineInvalid, pipelineFailed, recorderStalled, factInvalid, journalClosed
  // Tiers
  case peerUnreachable, peerKeyMismatch, pairingCodeWrong, pairingExpired, linkMalformed, receiptInvalid, clockStepped
  // Incidents
  case incidentUnknown, incidentClosed, deviceUnknown, requestInvalid, notFound

  struct Entry {
    var origin: Origin
    var happened: Bilingual
    var toDo: Bilingual
  }

  var entry: Entry { FaultCatalogue.entry(self) }
}
