public import Model

/// What the room holds at most, from the constants that it works with (`docs/limits.md`).
public enum WireBounds {
  /// Each once.
  public static let all: [Bound] = [
    Bound("rtsp.header", RTSPDecoder.maximumHeaderLength, .bytes, a: "connection", beyond: "the connection is closed"),
    Bound("rtsp.body", RTSPDecoder.maximumBodyLength, .bytes, a: "connection", beyond: "the connection is closed"),
    Bound("rtsp.waitingRequests", RTSPServerState.maximumWaiting, .entries, a: "connection", beyond: "the connection is closed"),
    Bound("rtmp.unfinishedOfStranger", RTMPChunkDecoder.maximumOfStranger, .bytes, a: "connection", beyond: "the connection is closed"),
    Bound("rtmp.unfinished", RTMPChunkDecoder.maximumUnfinished, .bytes, a: "connection", beyond: "the connection is closed"),
    Bound("rtmp.chunkStreams", RTMPChunkDecoder.maximumChunkStreams, .entries, a: "connection", beyond: "the connection is closed"),
    Bound("media.unit", VideoUnitBuilder.maximumUnitLength, .bytes, a: "stream", beyond: "the unit is dropped as damaged"),
    Bound("rtp.reorder", ReorderWindow.maximumPackets, .entries, a: "stream", beyond: "what is missing is given up"),
  ]
}
