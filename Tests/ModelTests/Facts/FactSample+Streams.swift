import Model

extension FactSample {
  private static let started = StreamStartedFact(
    stream: cam, session: "s1", mediaProtocol: .rtspUDP, hop: .device, peer: "10.0.0.9", key: "kits", unitOrigin: "county/live/cam1",
    epoch: 1000, tracks: [StreamTrack(index: 0, codec: FactText(.h264)), StreamTrack(index: 1, codec: FactText(.aac))])

  private static var named: StreamStartedFact {
    var named = started
    named.key = nil
    named.device = "kit1"
    named.deviceClass = FactText(.soloKit)
    return named
  }

  static let streams = [
    FactSample(
      started,
      #"{"epoch":1000,"hop":"device","key":"kits","peer":"10.0.0.9","protocol":"rtsp/udp","session":"s1","stream":"live/cam1","#
        + #""tracks":[{"codec":"h264","index":0},{"codec":"aac","index":1}],"unitOrigin":"county/live/cam1"}"#),
    FactSample(
      named.resuming("s0"),
      #"{"class":"soloKit","device":"kit1","epoch":1000,"hop":"device","key":null,"peer":"10.0.0.9","previousSession":"s0","#
        + #""protocol":"rtsp/udp","session":"s1","stream":"live/cam1","tracks":[{"codec":"h264","index":0},{"codec":"aac","index":1}],"#
        + #""unitOrigin":"county/live/cam1"}"#),
    FactSample(
      started.resuming(nil),
      #"{"epoch":1000,"hop":"device","key":"kits","peer":"10.0.0.9","previousSession":null,"protocol":"rtsp/udp","session":"s1","#
        + #""stream":"live/cam1","tracks":[{"codec":"h264","index":0},{"codec":"aac","index":1}],"unitOrigin":"county/live/cam1"}"#),
    FactSample(
      StreamEndedFact(stream: cam, session: "s1", because: Fault(.streamEnded, "teardown")),
      #"{"cause":"streamEnded","detail":"teardown","origin":"\#(Fault(.streamEnded).origin.rawValue)","session":"s1","stream":"live/cam1"}"#),
    FactSample(
      StreamEndedFact(stream: cam, session: "s1", because: Fault(.publisherGone, "reset"), lastMedia: time(8)),
      #"{"cause":"publisherGone","detail":"reset","lastMediaNs":8,"origin":"\#(Fault(.publisherGone).origin.rawValue)","session":"s1","#
        + #""stream":"live/cam1"}"#),
    FactSample(
      StreamRefusedFact(stream: cam, mediaProtocol: .rtmp, peer: "10.0.0.9", key: nil, code: .streamBusy),
      #"{"action":"publish","code":"streamBusy","key":null,"origin":"\#(Fault(.streamBusy).origin.rawValue)","peer":"10.0.0.9","#
        + #""protocol":"rtmp","stream":"live/cam1"}"#),
    FactSample(
      StreamRefusedFact(
        stream: cam, mediaProtocol: .rtmp, peer: "10.0.0.9", key: "crew", code: .streamBusy,
        sum: RefusalCount(count: 3, first: time(1), last: time(2))),
      #"{"action":"publish","code":"streamBusy","count":3,"firstNs":1,"key":"crew","lastNs":2,"origin":"\#(Fault(.streamBusy).origin.rawValue)","#
        + #""peer":"10.0.0.9","protocol":"rtmp","stream":"live/cam1"}"#),
    FactSample(
      StreamGapFact(stream: cam, session: "s2", from: time(1), to: time(2), cause: .network),
      #"{"cause":"network","fromNs":1,"session":"s2","stream":"live/cam1","toNs":2}"#),
    FactSample(
      StreamClockRepairedFact(
        stream: cam, session: "s2", repair: ClockRepair(track: 0, step: .seconds(-5), method: .bridged), count: 3),
      #"{"count":3,"method":"bridged","session":"s2","stepNs":-5000000000,"stream":"live/cam1","track":0}"#),
    FactSample(StreamFirstPacketFact(stream: cam, session: "s1"), #"{"session":"s1","stream":"live/cam1"}"#),
    FactSample(
      StreamFirstPacketFact(stream: cam, session: "s1", incident: "i1", unit: unit, firstArrival: time(3)),
      #"{"firstArrivalNs":3,"incident":"i1","session":"s1","stream":"live/cam1","unit":"county/live/cam1@1000#50"}"#),
    FactSample(
      StreamFirstKeyframeFact(stream: cam, session: "s1", unit: unit, firstArrival: time(3), isDamaged: false),
      #"{"damaged":false,"firstArrivalNs":3,"session":"s1","stream":"live/cam1","unit":"county/live/cam1@1000#50"}"#),
    FactSample(
      StreamFirstKeyframeFact(stream: cam, session: "s1", incident: "i1", unit: unit, firstArrival: time(3)),
      #"{"firstArrivalNs":3,"incident":"i1","session":"s1","stream":"live/cam1","unit":"county/live/cam1@1000#50"}"#),
    FactSample(
      PullFailedFact(stream: cam, url: "rtsp://10.0.0.2/1", deviceClass: .highPoint, because: Fault(.peerUnreachable, "refused")),
      #"{"class":"highPoint","code":"peerUnreachable","detail":"refused","origin":"\#(Fault(.peerUnreachable).origin.rawValue)","#
        + #""stream":"live/cam1","url":"rtsp://10.0.0.2/1"}"#),
    FactSample(
      ReaderEndedFact(
        stream: cam, session: "s1", hop: .viewer, mediaProtocol: .rtspTCP, peer: "10.0.0.8", key: "hall", since: time(1), method: .tcp,
        bytesSent: 2, packetsSent: 3, framesSent: 4, framesDropped: 5, dropEpisodes: 6, packetsLost: 7, jitter: Nanoseconds(8),
        roundTrip: Nanoseconds(9), roundTripMethod: "tcp-info"),
      #"{"bytesSent":2,"dropEpisodes":6,"framesDropped":5,"framesSent":4,"hop":"viewer","jitterNs":8,"key":"hall","method":"tcp","#
        + #""packetsLost":7,"packetsSent":3,"peer":"10.0.0.8","protocol":"rtsp/tcp","roundTripMethod":"tcp-info","roundTripNs":9,"#
        + #""session":"s1","sinceNs":1,"stream":"live/cam1"}"#),
    FactSample(
      ReaderEndedFact(
        stream: cam, session: nil, hop: .viewer, mediaProtocol: .rtmp, peer: "10.0.0.8", key: nil, since: time(1), method: .tcp,
        bytesSent: 2, packetsSent: nil, framesSent: 4, framesDropped: 5, dropEpisodes: 6, packetsLost: nil, jitter: nil, roundTrip: nil,
        roundTripMethod: nil),
      #"{"bytesSent":2,"dropEpisodes":6,"framesDropped":5,"framesSent":4,"hop":"viewer","jitterNs":null,"key":null,"method":"tcp","#
        + #""packetsLost":null,"packetsSent":null,"peer":"10.0.0.8","protocol":"rtmp","roundTripMethod":null,"roundTripNs":null,"#
        + #""session":null,"sinceNs":1,"stream":"live/cam1"}"#),
  ]
}
