import Cascade
import Command
import FirstFrameTesting
import Foundation
import Model
import RTSPGateway
import Settings
import SettingsFile
import Testing

@testable import firstframe

@Suite("The plan of the demo")
struct DemoPlanTests {
  @Test("both nodes' configurations can be read, with ports of their own and an uplink from county to province")
  func configuration() throws {
    let temporary = try TemporaryFolder()
    let plan = try DemoPlan(folder: temporary.path)
    let county = try NodeSettings(try ConfigNode(yaml: plan.configuration(of: plan.county).text), dataFolder: plan.county.folder)
    let province = try NodeSettings(try ConfigNode(yaml: plan.configuration(of: plan.province).text), dataFolder: plan.province.folder)
    #expect(Set((county.ports + province.ports).map(\.port)).count == 8)
    #expect(county.uplinks.map(\.controlPort) == [Int(province.control.port)])
    #expect(county.uplinks.map(\.media) == ["rtsp://127.0.0.1:\(province.rtsp.port)"])
    #expect(county.devices.map(\.name) == plan.devices.map(\.name))
    #expect(county.pulls.map(\.deviceClass) == [.highPoint])
    #expect(province.devices.isEmpty && province.uplinks.isEmpty)
    #expect(county.rtsp.rtpPorts?.overlaps(try #require(province.rtsp.rtpPorts)) == false)
    #expect(FileManager.default.fileExists(atPath: plan.logs))
  }

  @Test("a device publishes to the county, by the protocol of its kind")
  func targets() throws {
    let temporary = try TemporaryFolder()
    let plan = try DemoPlan(folder: temporary.path)
    let solo = try #require(plan.devices.first { $0.name == "solo01" })
    #expect(plan.target(solo) == "rtmp://127.0.0.1:\(plan.county.rtmp)/live/solo01")
    let body = try #require(plan.devices.first { $0.name == plan.interrupted })
    #expect(plan.target(body) == "rtsp://127.0.0.1:\(plan.county.rtsp)/live/body01")
  }
}
