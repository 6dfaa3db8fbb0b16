/// The catalogue of failures. A code never changes its meaning; texts may be improved.
public enum FaultCode: String, Sendable, CaseIterable, Codable {
  // Access
  case accessDenied, credentialsMissing, credentialsWrong, openBindRefused, keyExists, keyUnknown, keyExpired, tooManyAttempts, originRefused
  // Streams
  case streamNameInvalid, streamBusy, streamUnknown, streamEnded, noKeyframe, publisherGone, picturesStopped, readerGone, codecUnsupported,
    mediaMalformed
  // Protocols
  case rtspMalformed, rtspTimeout, rtmpMalformed, handshakeTimeout, transportUnsupported, authenticationUnsupported, redirectRefused, pullFailed
  case pushFailed, httpMalformed, tooManyClients
  // Configuration and machine
  case configUnreadable, configUnknownKey, configInvalid, portInUse, packageMissing, fontMissing, clockUnsynced, pathWrong, nodeUnreachable, usage
  // Disk
  case diskFull, diskFailed, journalBroken, archiveBroken, segmentMissing, segmentChanged, sampleFileBroken, dataFolderInUse, keyFileBroken,
    diskReadOnly, noDescriptors, nodeKeyMissing
  // Workers and media
  case workerDied, workerBusy, decodeFailed, pipelineInvalid, pipelineFailed, recorderStalled, factInvalid, journalClosed
  // Tiers
  case peerUnreachable, peerKeyMismatch, notPaired, pairingCodeWrong, pairingExpired, pairingNameTaken, linkMalformed, receiptInvalid, clockStepped
  // Incidents
  case incidentUnknown, incidentClosed, deviceUnknown, requestInvalid, notFound

  private var entry: FaultEntry { FaultCatalogue.entry(self) }

  /// Whose side a failure of this kind is on.
  public var origin: Origin { entry.origin }
  /// The status of an HTTP answer that carries it, such as 404; 500 for what no request can cause or mend.
  public var httpStatus: Int { entry.httpStatus }
  /// How the command line ends with it: 2 for wrong usage, 1 for all else.
  public var exitCode: Int32 { entry.isUsage ? 2 : 1 }
  /// What happened: a clause without a full stop.
  public var happened: Bilingual { entry.happened }
  /// What the reader can do about it.
  public var toDo: Bilingual { entry.toDo }
}
