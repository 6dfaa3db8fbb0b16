import Model
import Testing
import Wire

@Suite("RTSP authentication")
struct RTSPDigestTests {
  private func mufasa() -> DigestCredentials {
    DigestCredentials(
      user: "Mufasa", realm: "testrealm@host.com", nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093", uri: "/dir/index.html", response: "")
  }

  @Test("the example of RFC 2617 §3.5, and the same without qop, computed by hashlib")
  func vectors() {
    let ha1 = DigestAuthentication.ha1(user: "Mufasa", realm: "testrealm@host.com", password: "Circle Of Life")
    #expect(ha1 == "939e7578ed9e3c518a452acee763bce9")
    var fields = mufasa()
    #expect(DigestAuthentication.response(fields, method: .unknown("GET"), ha1: ha1) == "670fd8c2df070c60b045671b8b24ff02")
    fields.qop = "auth"
    fields.nonceCount = "00000001"
    fields.clientNonce = "0a4f113b"
    #expect(DigestAuthentication.response(fields, method: .unknown("GET"), ha1: ha1) == "6629fae49393a05397450978507c4ef1")
    fields.qop = "token"
    #expect(DigestAuthentication.response(fields, method: .unknown("GET"), ha1: ha1) == nil)
    fields.qop = nil
    fields.algorithm = "SHA-512-256"
    #expect(DigestAuthentication.response(fields, method: .unknown("GET"), ha1: ha1) == nil)
    let chinese = DigestCredentials(user: "视频", realm: "FirstFrame", nonce: "n1", uri: "rtsp://h/live/cam1", response: "")
    #expect(DigestAuthentication.ha1(user: "视频", password: "密码") == "ec8739a10e032110159fbee7a866f36f")
    #expect(
      DigestAuthentication.response(chinese, method: .describe, ha1: "ec8739a10e032110159fbee7a866f36f")
        == "2e6760f3d8e33ad8764a9068ecd82f1a")
  }

  @Test(
    "what ffmpeg and GStreamer answered is accepted for the right password and no other; the recording server checked it by hashlib",
    arguments: [
      "ffmpeg-h264-digest.bytes", "ffmpeg-h264-digest-qop.bytes", "ffmpeg-read-digest-qop.bytes", "gst-read-digest.bytes",
      "gst-read-qop.bytes",
      "ffmpeg-h264-basic.bytes", "gst-read-basic.bytes",
    ])
  func clients(name: String) throws {
    let right = DigestAuthentication.ha1(user: "cam", password: "se:cret@1")
    #expect(right == "9cc18f51de1f76996c449042f9f21d8c")
    let stream = try #require(StreamName("live/cam1"))
    let answered = try RTSPCorpus.requests(name).filter { $0.headers["Authorization"] != nil }
    #expect(answered.count >= 3)
    for request in answered {
      let credentials = RTSPCredentials(authorization: request.headers["Authorization"])
      let question = RTSPAuthorisation(action: .publish, stream: stream, credentials: credentials, method: request.method)
      #expect(credentials.user == "cam")
      #expect(question.matches(ha1: right))
      #expect(!question.matches(ha1: DigestAuthentication.ha1(user: "cam", password: "wrong")))
      #expect(!question.matches(ha1: ""))
      var other = question
      other.method = .unknown("OTHER")
      if case .digest = credentials { #expect(!other.matches(ha1: right)) }
    }
  }

  @Test("an answer that was made for one stream opens no other, and a proxy's other host does not matter")
  func bound() throws {
    let ha1 = DigestAuthentication.ha1(user: "cam", password: "p")
    func opens(_ uri: String, _ stream: String) throws -> Bool {
      var fields = DigestCredentials(user: "cam", realm: "FirstFrame", nonce: "n", uri: uri, response: "")
      fields.response = try #require(DigestAuthentication.response(fields, method: .describe, ha1: ha1))
      return RTSPAuthorisation(
        action: .read, stream: try #require(StreamName(stream)), credentials: .digest(fields), method: .describe
      ).matches(ha1: ha1)
    }
    for uri in [
      "rtsp://h/live/cam1", "rtsp://other:9/live/cam1", "rtsp://h/live/cam1/", "/live/cam1", "rtsp://h/live/cam1/streamid=0",
      "rtsp://h/live/cam1?key=x",
      "rtsp://h/live/%63am1",
    ] {
      #expect(try opens(uri, "live/cam1"), "\(uri)")
    }
    for uri in ["rtsp://h/live/cam2", "rtsp://h/live/cam12", "rtsp://h/live", "rtsp://h/", "*", "", "rtsp://h/x/live/cam1"] {
      #expect(try !opens(uri, "live/cam1"), "\(uri)")
    }
  }

  @Test("our answer to a challenge verifies, with and without qop, and not for another method or address")
  func answers() throws {
    for offersAuth in [false, true] {
      let challenge = DigestChallenge(realm: "cam \"7\"", nonce: "n", opaque: "o", offersAuth: offersAuth)
      let fields = try #require(
        DigestAuthentication.answer(
          challenge, user: "u", password: "p", method: .setup, uri: "rtsp://h/x", clientNonce: "c", count: 255))
      #expect(fields.nonceCount == (offersAuth ? "000000ff" : nil))
      let read = try #require(DigestCredentials(fields.text))
      #expect(read == fields)
      let ha1 = DigestAuthentication.ha1(user: "u", realm: "cam \"7\"", password: "p")
      #expect(DigestAuthentication.verify(read, method: .setup, ha1: ha1))
      #expect(!DigestAuthentication.verify(read, method: .play, ha1: ha1))
      var moved = read
      moved.uri = "rtsp://h/y"
      #expect(!DigestAuthentication.verify(moved, method: .setup, ha1: ha1))
      var upper = read
      upper.response = read.response.uppercased()
      #expect(DigestAuthentication.verify(upper, method: .setup, ha1: ha1))
    }
  }

  @Test(
    "our answers by each algorithm: the examples of RFC 7616 §3.9.1, and the other forms as hashlib computes them",
    arguments: [
      ("MD5", true, "auth", "8ca523f5e9506fed4657c9700eebdbec"),
      ("SHA-256", true, "auth", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
      ("sha256", false, nil, "a1306b0595a6c7fe96c448631fb5cfbd5107bd1fe1da729d978dd7446b812363"),
      ("MD5-sess", true, "auth", "e783283f46242139c486a698fec7211d"), ("MD5-sess", false, nil, "37a7f42db2090a3fcac4e26e747d4fc8"),
      ("SHA-256-sess", true, "auth", "2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7"),
      ("SHA-256-sess", false, nil, "30bc0742357e535c85094121d22cf826b794be0667e19537beb7b28f2251c274"),
      ("SHA-256", true, "auth-int", "2fa9fd5a55eaefc542900085331c15a0d8dcebeb505811bdd82a5b1f49ae156e"),
    ] as [(String, Bool, String?, String)])
  func algorithms(algorithm: String, hasQop: Bool, qop: String?, response: String) throws {
    var challenge = DigestChallenge(
      realm: "http-auth@example.org", nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", offersAuth: qop == "auth")
    challenge.algorithm = algorithm
    challenge.offersIntegrity = qop == "auth-int"
    let fields = try #require(
      DigestAuthentication.answer(
        challenge, user: "Mufasa", password: "Circle of Life", method: .unknown("GET"), uri: "/dir/index.html",
        clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", count: 1, body: Array("body".utf8)))
    #expect(fields.response == response)
    #expect(fields.qop == qop && (fields.nonceCount != nil) == hasQop)
    #expect(DigestCredentials(fields.text) == fields)
  }

  @Test("our own challenges are MD5: an answer by another hash is none, whatever it is")
  func onlyOurs() throws {
    let ha1 = DigestAuthentication.ha1(user: "u", password: "p")
    for algorithm in ["SHA-256", "MD5-sess", "MD5"] {
      var fields = DigestCredentials(user: "u", realm: DigestAuthentication.realm, nonce: "n", uri: "*", response: "")
      fields.algorithm = algorithm
      fields.clientNonce = "c"
      fields.response = try #require(DigestAuthentication.response(fields, method: .options, ha1: ha1))
      #expect(DigestAuthentication.verify(fields, method: .options, ha1: ha1) == (algorithm == "MD5"))
    }
  }

  @Test(
    "credentials are read with odd spaces, without quotes and without commas",
    arguments: [
      #"Digest username="u", realm="IP Camera(1)", nonce="n", uri="rtsp://h/a,b", response="R""#,
      #"digest  USERNAME = "u" ,realm= "IP Camera(1)",  nonce ="n",uri="rtsp://h/a,b" , response = R"#,
      #"Digest username=u, realm=IP Camera(1), nonce=n, uri="rtsp://h/a,b", response=R"#,
      #"Digest username="u" realm="IP Camera(1)" nonce=n uri="rtsp://h/a,b" response="R"#,
      #"Digest ,, username="u", realm="IP Camera(1)", "" nonce="n", uri="rtsp://h/a,b", response="R""#,
    ])
  func oddSpacing(header: String) {
    #expect(DigestCredentials(header) == DigestCredentials(user: "u", realm: "IP Camera(1)", nonce: "n", uri: "rtsp://h/a,b", response: "R"))
  }

  @Test("Basic: a password with colons, missing padding, and what is broken")
  func basic() {
    #expect(RTSPCredentials(authorization: "Basic Y2FtOnNlOmNyZXRAMQ==") == .basic(user: "cam", password: "se:cret@1"))
    #expect(RTSPCredentials(authorization: "basic Y2FtOnNlOmNyZXRAMQ") == .basic(user: "cam", password: "se:cret@1"))
    #expect(BasicAuthentication.authorization(user: "cam", password: "se:cret@1") == "Basic Y2FtOnNlOmNyZXRAMQ==")
    for header in ["Basic", "Basic ***", "Basic Y2Ft", "Bearer x", "", "Digest realm=\"x\"", "Basic A"] {
      #expect(RTSPCredentials(authorization: header) == .none)
    }
  }
}
