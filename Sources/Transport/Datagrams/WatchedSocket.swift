/// What a loop knows of a socket that it watches. Used on its thread only.
final class WatchedSocket {
  let socket: DatagramSocket
  let flow: Int
  let member: DatagramReception.Member
  /// False as soon as it is unwatched: then what was read with it already is not handed over any more.
  var isWatched = true

  init(_ socket: DatagramSocket, flow: Int, member: DatagramReception.Member) {
    self.socket = socket
    self.flow = flow
    self.member = member
  }
}
