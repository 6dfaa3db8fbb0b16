/// What the NAL units of one picture say about it, as far as its place in the chain of references goes.
struct PictureTraits: Hashable, Sendable {
  /// Bytes of it are missing, or a NAL unit was malformed.
  var isDamaged = false
  /// At least one slice came, or is known to be missing.
  var hasSlice = false
  /// IDR (H.264) or IRAP (H.265).
  var isKey = false
  /// Other pictures may refer to it: H.264 `nal_ref_idc` > 0; H.265 all but sub-layer non-reference pictures of the only layer.
  var isReference = false
  /// A key picture that RASL pictures may follow: H.265 CRA and BLA_W_LP.
  var allowsSkippedLeading = false
  /// Not a key picture, but a recovery point: decoding may begin here.
  var recovery: RecoveryPoint?
  /// Readers and recordings may begin at this recovery point: no key picture has come for long.
  var isStart = false
  /// RASL: it refers to pictures before the key picture that it follows.
  var isSkippedLeading = false
}
