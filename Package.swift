// swift-tools-version: 6.2
import PackageDescription

// One room per target; `Tests/HouseTests` holds the direction of every import (architecture.md §2).
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioConcurrency = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")

// Debug builds, and so all tests, check that no two accesses of a property overlap. The product's forwarding path does not pay for it, every other
// room does. Counted in instructions (valgrind, 2 Mb/s of H.264): with the check RTP assembly costs 8 % more, reading FLV 14 %, RTMP chunks 24 %,
// so Wire is among the rooms without it although it parses foreign bytes; in Measure the check costs nothing.
let unchecked = SwiftSetting.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
let forwarding: Set<String> = ["Wire", "Hub", "Transport", "Gateway", "RTPMedia", "RTSPGateway", "RTMPGateway"]

func room(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, resources: resources, swiftSettings: strict + (forwarding.contains(name) ? [unchecked] : []))
}

/// - Parameter programs: other programs that the tests run from where they lie.
func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [], programs: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: programs, resources: resources, swiftSettings: strict)
}

let package = Package(
  name: "FirstFrame",
  products: [.executable(name: "firstframe", targets: ["firstframe"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    .target(name: "CLinux"),
    .target(name: "CNetworkLab"),
    .systemLibrary(
      name: "CGStreamer",
      pkgConfig: "gstreamer-1.0 gstreamer-app-1.0 gstreamer-video-1.0",
      providers: [.apt(["libgstreamer1.0-dev", "libgstreamer-plugins-base1.0-dev"])]),
    .target(name: "CGStreamerShim", dependencies: ["CGStreamer"]),
    .target(name: "CMediaMath"),
    room("Model", [nioCore]),
    room("Wire", ["Model", nioCore, crypto]),
    room("Settings", ["Model"]),
    room("SettingsFile", ["Settings", "Model", yams]),
    room("Pipelines", ["Model", "CGStreamer", "CGStreamerShim", "CMediaMath", nioCore]),
    room("Journal", ["Model", "CLinux", nioCore, crypto, grdb, logging]),
    room("Measure", ["Model"]),
    room("Access", ["Model", "Settings", crypto]),
    room("Transport", ["Model", "CLinux", nioCore, nioPosix, nioConcurrency, heap, logging]),
    room("Hub", ["Model", "Settings", "Wire", "Measure", "Journal", nioCore, nioConcurrency, logging]),
    room("Gateway", ["Model", "Wire", "Measure", "Access", "Hub", "Transport", nioCore, nioConcurrency, logging]),
    room("RTPMedia", ["Model", "Wire", "Measure", "Hub", "Gateway", nioCore]),
    room("RTSPGateway", ["Model", "Settings", "Wire", "Measure", "Access", "Hub", "Transport", "Gateway", "RTPMedia", nioCore, logging]),
    room("RTMPGateway", ["Model", "Settings", "Gateway", "Wire", "Measure", "Hub", "Access", "Transport", nioCore, nioConcurrency, logging]),
    room("Workers", ["Model", "Settings", "Wire", "Pipelines", "Hub", "CLinux", nioCore, nioPosix, crypto, nioConcurrency, logging]),
    room("Archive", ["Model", "Settings", "Wire", "Pipelines", "Journal", "Hub", nioCore, crypto, grdb, collections, logging]),
    room("Evidence", ["Model", nioCore, nioPosix]),
    room("Cascade", ["Model", "Settings", "Journal", "Transport", "Hub", "Evidence", nioCore, nioPosix, crypto, nioConcurrency, logging]),
    room("Command", ["Model", "Settings", "Journal", "Measure", "Hub", "Evidence", nioCore, crypto, nioConcurrency, logging]),
    room("Report", ["Model", "Journal", "Measure", "Command"]),
    room(
      "Web",
      [
        "Model", "Settings", "Journal", "Measure", "Hub", "Command", "Report", hummingbird, httpTypes, crypto, collections, nioCore, nioPosix,
        nioHTTP, logging,
      ],
      resources: [.copy("Pages")]),
    .executableTarget(
      name: "firstframe",
      dependencies: [
        "CLinux", "Model", "Wire", "Pipelines", "Journal", "Measure", "Access", "Hub", "Transport", "Gateway", "RTSPGateway", "RTMPGateway",
        "Workers",
        "Archive",
        "Cascade", "Command", "Report", "Web", "Settings", "SettingsFile", arguments, lifecycle, signals, nioCore, nioPosix, crypto, logging,
      ],
      swiftSettings: strict),
    room("FirstFrameTesting", ["Model", "CNetworkLab", nioCore]),
    tests("ModelTests", ["Model", "FirstFrameTesting", nioCore]),
    tests("WireTests", ["Wire", "Model", "FirstFrameTesting", nioCore], resources: [.copy("Corpora")]),
    tests("SettingsTests", ["Settings", "SettingsFile", "Model", "FirstFrameTesting"]),
    tests("JournalTests", ["Journal", "Model", "FirstFrameTesting", nioCore, crypto, grdb]),
    tests("PipelinesTests", ["Pipelines", "Model", "FirstFrameTesting", nioCore]),
    tests("MeasureTests", ["Measure", "Model", "FirstFrameTesting"]),
    tests("AccessTests", ["Access", "Model", "FirstFrameTesting"]),
    tests("TransportTests", ["Transport", "Model", "FirstFrameTesting", nioCore, nioConcurrency, nioEmbedded, logging]),
    tests("HubTests", ["Hub", "Wire", "Measure", logging, "Model", "FirstFrameTesting", nioCore, nioPosix, nioEmbedded]),
    tests(
      "GatewayTests",
      ["Gateway", "Transport", "Access", "Hub", "Wire", "Measure", "Model", "FirstFrameTesting", nioCore, nioConcurrency, nioEmbedded, logging]),
    tests(
      "RTPMediaTests",
      [
        "RTPMedia", "Gateway", "Transport", "Hub", "Wire", "Measure", "Model", "FirstFrameTesting", nioCore, nioConcurrency, logging,
      ]),
    tests(
      "RTSPGatewayTests",
      [
        "RTSPGateway", "RTPMedia", "Gateway", "Transport", "Hub", "Wire", "Measure", "Access", "Settings", "SettingsFile", "Model",
        "FirstFrameTesting", nioCore, nioPosix, nioEmbedded,
        logging,
      ]),
    tests(
      "RTMPGatewayTests",
      [
        "RTMPGateway", "Gateway", "Transport", "Hub", "Wire", "Measure", "Access", "Model", "FirstFrameTesting", nioCore, nioPosix, nioEmbedded,
        logging,
      ]),
    tests(
      "WorkersTests", ["Workers", "Pipelines", "Hub", "Wire", "Model", "FirstFrameTesting", nioCore, nioPosix, logging],
      programs: ["Support/fake_worker.py"]),
    tests(
      "ArchiveTests",
      ["Archive", "Pipelines", "Journal", "Hub", "Wire", "Model", "FirstFrameTesting", nioCore, nioPosix, crypto, grdb, logging],
      resources: [.copy("Corpora")]),
    tests("EvidenceTests", ["Evidence", "Model", "FirstFrameTesting", nioCore]),
    tests(
      "CascadeTests",
      ["Cascade", "Settings", "Journal", "Hub", "Model", "FirstFrameTesting", nioCore, nioEmbedded, nioPosix, nioConcurrency, crypto, logging]),
    tests("CommandTests", ["Command", "Cascade", "Journal", "Measure", "Hub", "Model", "FirstFrameTesting", nioCore, nioPosix, crypto, logging]),
    tests(
      "WebTests",
      [
        "Web", "Report", "Command", "Hub", "Journal", "Measure", "Model", "FirstFrameTesting", hummingbird, httpTypes, crypto, nioCore, nioPosix,
        nioHTTP,
        nioEmbedded, logging,
      ]),
    tests("ReportTests", ["Report", "Journal", "Measure", "Model", "FirstFrameTesting"]),
    tests(
      "LabTests",
      ["RTSPGateway", "Gateway", "Transport", "Hub", "Wire", "Measure", "Model", "FirstFrameTesting", nioCore, nioPosix, nioConcurrency, logging]),
    tests("RecomputeTests", ["Report", "Journal", "Measure", "Settings", "SettingsFile", "Model", "FirstFrameTesting", crypto, logging]),
    tests("HouseTests", ["Model"]),
    tests(
      "NodeTests",
      [
        "firstframe", "Access", "Archive", "Cascade", "Command", "Gateway", "Hub", "Journal", "Measure", "RTMPGateway", "RTSPGateway", "Settings",
        "SettingsFile", "Web", "Workers", "Model", "FirstFrameTesting", arguments, lifecycle, nioCore, nioEmbedded, nioPosix, logging,
      ]),
    tests("SystemTests", ["firstframe", "Model", "FirstFrameTesting"], programs: ["lossy_device.py"]),
  ]
)

// `scripts/fuzz` builds the parsers with libFuzzer's instrumentation; nobody else needs the target.
if Context.environment["FIRSTFRAME_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(name: "fuzz", dependencies: ["Cascade", "Journal", "Model", "Wire", nioCore], path: "Fuzz", exclude: ["corpora.py"]))
}

// `FIRSTFRAME_ROOMS=WireTests,MeasureTests swift test` builds those rooms and what they stand on, nothing else.
if let rooms = Context.environment["FIRSTFRAME_ROOMS"] {
  var wanted = Set(rooms.split(separator: ",").map(String.init))
  var grew = true
  while grew {
    grew = false
    for target in package.targets where wanted.contains(target.name) {
      for case .byNameItem(let name, _) in target.dependencies where wanted.insert(name).inserted { grew = true }
    }
  }
  package.targets.removeAll { !wanted.contains($0.name) }
  if !wanted.contains("firstframe") { package.products = [] }
}
