/// What kind of packet it is, as far as the lab distinguishes them. Each kind of each direction has decisions of its own: what TCP happens to send
/// does not change which media packets are lost.
public enum PacketClass: String, Hashable, Sendable, CaseIterable {
  /// UDP to even ports: RTP by the rule of RFC 3550 §11.
  case media
  /// Other UDP: RTCP.
  case control
  case tcp
  case other
}
