/// The one definition of ``AccessUnit/Flags/clean``, for every protocol: a picture is clean when it is whole and everything that it may
/// refer to is clean, back to the last key picture.
///
/// A gap, a new source, or damage to a picture that others refer to breaks the chain; damage to one that nothing refers to does not. A whole
/// key picture mends it. RASL pictures also refer to what lies before their key picture: they are clean only when the chain was clean there
/// too, and damage to one of them harms only the others, for nothing else refers to them (H.265 §3.111).
struct ReferenceChain: Hashable, Sendable {
  private var isClean = false
  /// The same for the RASL pictures of the last key picture.
  private var leadingIsClean = false

  /// Something is missing, and nobody knows what referred to it.
  mutating func breakOff() { isClean = false }

  /// Adds the next picture in decoding order.
  /// - Returns: whether it is clean.
  mutating func add(_ picture: PictureTraits) -> Bool {
    if picture.isKey {
      leadingIsClean = isClean || !picture.allowsSkippedLeading
      isClean = !picture.isDamaged
    } else if picture.isDamaged, picture.isReference {
      if picture.isSkippedLeading { leadingIsClean = false } else { isClean = false }
    }
    return !picture.isDamaged && isClean && (!picture.isSkippedLeading || leadingIsClean)
  }
}
