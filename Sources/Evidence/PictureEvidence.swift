public import Model
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// What a probe saw, as facts and as a file: the same for a county's incident, a request outside incidents, and an upper node.
///
/// It writes no fact itself: whether a fact is committed or recorded, and what follows from it, differs by desk.
public final class PictureEvidence: Sendable {
  /// How often a reason for refusing key units becomes a fact.
  public enum Refusals: Sendable {
    /// Once a reason: a black camera does not fill the journal.
    case onceEachReason
    /// For every key unit: an upper node answers for each unit that it did not take.
    case everyUnit
  }

  /// What it is the evidence of.
  public let wish: PictureWish
  private let folder: String
  private let refusals: Refusals
  private let reasons: Mutex<Set<String>>

  /// - Parameter known: reasons that are in the journal already.
  public init(_ wish: PictureWish, dataFolder: String, refusals: Refusals = .onceEachReason, known: Set<String> = []) {
    self.wish = wish
    folder = dataFolder + "/snapshots"
    self.refusals = refusals
    reasons = Mutex(known)
  }

  /// Where ``store(_:)`` puts the JPEG.
  public var path: String { "\(folder)/\(wish.snapshot).jpg" }

  /// Writes the picture's JPEG durably, on a thread that may block. Throws ``Fault`` when the disk refuses.
  public func store(_ picture: DecodedPicture) async throws {
    let (folder, path) = (folder, path)
    let bytes = Array(picture.jpeg.readableBytesView)
    try await NIOThreadPool.singleton.runIfActive {
      try Disk.makeFolder(folder)
      try Disk.replace(path, with: bytes)
    }
  }

  /// The first picture that counts.
  /// - Parameter decoded: when the decode result was back; the fact's boot time.
  public func first(_ unit: AccessUnit, _ picture: DecodedPicture, decoded: BootTime) -> PictureDecodedFact {
    PictureDecodedFact(wish.subject(of: unit), PictureContent(picture, decoded: decoded))
  }

  /// A different picture within five seconds of the first.
  public func second(_ unit: AccessUnit, _ picture: DecodedPicture, decoded: BootTime) -> PictureSecondFact {
    PictureSecondFact(wish.subject(of: unit), vclSha256: picture.vclSHA256, decoded: decoded)
  }

  /// A key unit that does not count; nil when its reason is in the journal already.
  public func refused(_ unit: AccessUnit, _ reason: String) -> PictureRefusedFact? {
    let isNew = reasons.withLock { $0.insert(reason).inserted }
    guard isNew || refusals == .everyUnit else { return nil }
    return PictureRefusedFact(wish.subject(of: unit), reason: reason)
  }
}
