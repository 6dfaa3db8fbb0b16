import FirstFrameTesting
import Model
import Testing
import Wire

@Suite("Where a camera may redirect to")
struct RTSPRedirectionTests {
  private func redirection(_ url: String = "rtsp://u:secret@cam.local/live?x=1", _ listed: [String] = []) throws -> RTSPRedirection {
    RTSPRedirection(try #require(RTSPURL(url)), listed: listed)
  }

  @Test(
    "its own host is allowed on any port, in any case, by name and by the address that it was reached at",
    arguments: [
      ("rtsp://cam.local:10554/other", "rtsp://cam.local:10554/other"), (" rtsp://CAM.LOCAL./other?y=2 ", "rtsp://CAM.LOCAL./other?y=2"),
      ("rtsp://192.0.2.7:8554/a", "rtsp://192.0.2.7:8554/a"), ("/sub?z", "rtsp://cam.local/sub?z"),
      ("rtsp://cam.local:99", "rtsp://cam.local:99/live?x=1"),
    ])
  func ownHost(location: String, target: String) throws {
    var redirection = try redirection()
    redirection.connected(to: "192.0.2.7")
    let followed = try redirection.follow(location)
    #expect(followed.text == target)
    #expect(followed.user == "u" && followed.password == "secret")
    #expect(redirection.current == followed && redirection.count == 1)
  }

  @Test(
    "another host is refused, and the fault says where it leads and no password",
    arguments: [
      ("rtsp://evil/x", "rtsp://evil/x"), ("rtsp://u:secret@192.0.2.8/x", "192.0.2.8"), ("rtsp://cam.local@evil/x", "evil"),
      ("rtsps://cam.local/x", "rtsps"), ("http://cam.local/secret", "no rtsp://"), ("", "without Location"), ("//evil/x", "no rtsp://"),
      ("x", "no rtsp://"),
    ])
  func otherHosts(location: String, told: String) throws {
    var redirection = try redirection()
    redirection.connected(to: "192.0.2.7")
    let before = redirection
    let fault = #expect(throws: Fault.self) { try redirection.follow(location) }
    #expect(fault?.code == .redirectRefused)
    #expect(fault?.detail.contains(told) == true && fault?.detail.contains("secret") == false)
    #expect(redirection == before)
  }

  @Test("a listed host is allowed on each port, a listed host and port on that one; the password goes along, or the location's own instead")
  func listed() throws {
    var redirection = try redirection("rtsp://u:secret@cam/live", ["10.0.0.5", "[2001:db8::1]:8554"])
    #expect(try redirection.follow("rtsp://10.0.0.5:7000/a").password == "secret")
    // What one of them names itself is not the camera's own address.
    redirection.connected(to: "10.0.0.6")
    #expect(throws: Fault.self) { try redirection.follow("rtsp://10.0.0.6/a") }
    #expect(try redirection.follow("rtsp://[2001:db8::1]:8554/a").host == "2001:db8::1")
    #expect(throws: Fault.self) { try redirection.follow("rtsp://[2001:db8::1]/a") }
    let own = try redirection.follow("rtsp://guest:1234@10.0.0.5/b")
    #expect(own.user == "guest" && own.password == "1234")
    #expect(try redirection.follow("rtsp://cam/live").password == "secret")
  }

  @Test("305 asks for the same stream by way of the proxy")
  func proxy() throws {
    for location in ["rtsp://cam.local:99", "rtsp://cam.local:99/"] {
      var redirection = try redirection()
      #expect(try redirection.follow(location, isProxy: true).text == "rtsp://cam.local:99/live?x=1")
    }
  }

  @Test("no more than five in a row are followed")
  func bounded() throws {
    var redirection = try redirection()
    for step in 0..<5 { #expect(try redirection.follow("/\(step)").path == "/\(step)") }
    #expect(throws: Fault(.redirectRefused, "more than 5 in a row from rtsp://cam.local/live?x=1")) { try redirection.follow("/again") }
  }

  @Test("3000 mutants of locations: no trap, and nothing is followed but to what is allowed")
  func fuzz() throws {
    let samples = ["rtsp://cam.local:10554/other?y#z", "rtsp://u:p@[2001:db8::1]:8554/a", "/sub?z", "rtsp://10.0.0.5"].map { Array($0.utf8) }
    var mutator = Mutator(seed: 61)
    for round in 0..<3000 {
      var redirection = try redirection("rtsp://u:secret@cam.local/live", ["10.0.0.5"])
      let text = String(decoding: mutator.mutate(samples[round % samples.count], with: samples[(round + 1) % samples.count]), as: UTF8.self)
      guard let target = try? redirection.follow(text) else { continue }
      #expect(["cam.local", "cam.local.", "10.0.0.5"].contains(target.host.lowercased()))
    }
  }
}
