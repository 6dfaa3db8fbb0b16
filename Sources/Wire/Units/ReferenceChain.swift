/// The one definition of ``AccessUnit/Flags/clean``, for every protocol: a picture is clean when it is whole and everything that it may
/// refer to is clean, back to the last key picture.
///
/// A gap, a new source, or damage to a picture that others refer to breaks the chain; damage to one that nothing refers to does not. A whole
/// key picture mends it. RASL pictures also refer to what lies before their key picture: they are clean only when the chain was clean there
/// too, and damage to one of them harms only the others, for nothing else refers to them (H.265 §3.111).
///
/// A recovery point mends the chain too, where no key picture comes (periodic intra refresh): not with its own picture, but with the one that the point names,
/// when all between them are whole, and only when the pictures are then exactly what the encoder meant. So `clean` always means right, and a recovery point does
/// not end a chain that is clean: everything behind it goes on referring to what lies before.
struct ReferenceChain: Hashable, Sendable {
  private var isClean = false
  /// The same for the RASL pictures of the last key picture.
  private var leadingIsClean = false
  /// Pictures until the recovery point under way has mended the chain; nil while none has begun.
  private var left: Int?

  /// Something is missing, and nobody knows what referred to it.
  mutating func breakOff() {
    isClean = false
    left = nil
  }

  /// Adds the next picture in decoding order.
  /// - Returns: whether it is clean.
  mutating func add(_ picture: PictureTraits) -> Bool {
    if picture.isKey {
      leadingIsClean = isClean || !picture.allowsSkippedLeading
      isClean = !picture.isDamaged
      left = nil
    } else {
      if picture.isDamaged, picture.isReference {
        if picture.isSkippedLeading { leadingIsClean = false } else { breakOff() }
      }
      if !isClean { recover(picture) }
    }
    return !picture.isDamaged && isClean && (!picture.isSkippedLeading || leadingIsClean)
  }

  private mutating func recover(_ picture: PictureTraits) {
    guard !picture.isDamaged else { return }
    if let before = left, picture.isReference { left = before &- 1 }
    if let point = picture.recovery, point.isExact { left = min(left ?? .max, point.pictures) }
    guard let left, left <= 0 else { return }
    isClean = true
    leadingIsClean = false
    self.left = nil
  }
}
