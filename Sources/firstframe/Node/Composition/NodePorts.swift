/// The TCP ports that a node listens on, as the kernel bound them.
struct NodePorts: Hashable, Sendable {
  var rtsp: Int
  var rtmp: Int
  var http: Int
  var control: Int
}
