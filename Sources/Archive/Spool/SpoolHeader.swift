internal import Model

/// The head of a spool file (``SpoolLayout``): whose units follow.
struct SpoolHeader: Sendable, Equatable {
  var name: StreamName
  var id: String
  var node: String
  var boot: String
  var run: UInt64
  /// 1… within the run.
  var index: UInt64
  /// Both clocks when the file was begun.
  var reading: ClockReading

  init(name: StreamName, id: String, node: String, boot: String, run: UInt64, index: UInt64, reading: ClockReading) {
    self.name = name
    self.id = id
    self.node = node
    self.boot = boot
    self.run = run
    self.index = index
    self.reading = reading
  }

  private var json: JSON {
    [
      "v": 1, "stream": .string(name.path), "id": .string(id), "node": .string(node), "boot": .string(boot),
      "run": .string(String(run, radix: 16)), "index": .int(Int64(clamping: index)), "bootNs": .int(reading.boot.nanoseconds),
      "wallNs": .int(reading.kernel.nanoseconds),
    ]
  }

  /// Writes the head into a file's memory; the magic number, which makes it valid, comes last.
  func write(to file: SpoolFile) {
    let text = Array(json.text.utf8.prefix(SpoolLayout.headerBytes - SpoolLayout.headerText))
    file.markFree()
    text.withUnsafeBytes { bytes in
      guard let source = bytes.baseAddress else { return }
      (file.base + SpoolLayout.headerText).copyMemory(from: source, byteCount: bytes.count)
      file.base.storeBytes(of: SpoolCheck.compute(bytes, seed: SpoolLayout.magic), toByteOffset: 16, as: UInt64.self)
    }
    file.base.storeBytes(of: UInt32(clamping: text.count), toByteOffset: 8, as: UInt32.self)
    file.base.storeBytes(of: SpoolLayout.magic, as: UInt64.self)
    // The record that a recycled file still holds here must not look like ours.
    (file.base + SpoolLayout.headerBytes).storeBytes(of: 0, as: UInt64.self)
  }

  /// Nil for a free or foreign file.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= SpoolLayout.headerBytes, bytes.loadUnaligned(as: UInt64.self) == SpoolLayout.magic else { return nil }
    let length = Int(bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    guard length <= SpoolLayout.headerBytes - SpoolLayout.headerText else { return nil }
    let text = UnsafeRawBufferPointer(rebasing: bytes[SpoolLayout.headerText..<SpoolLayout.headerText + length])
    let check = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
    guard SpoolCheck.compute(text, seed: SpoolLayout.magic) == check, let json = try? JSON(parsing: text) else { return nil }
    self.init(json)
  }

  private init?(_ json: JSON) {
    guard json["v"] == 1, let name = json["stream"]?.stringValue.flatMap({ StreamName($0) }), let id = json["id"]?.stringValue,
      let node = json["node"]?.stringValue, let boot = json["boot"]?.stringValue,
      let run = json["run"]?.stringValue.flatMap({ UInt64($0, radix: 16) }),
      let index = json["index"]?.intValue.flatMap({ UInt64(exactly: $0) }), let bootNs = json["bootNs"]?.intValue,
      let wallNs = json["wallNs"]?.intValue
    else { return nil }
    let reading = ClockReading(boot: BootTime(nanoseconds: bootNs), kernel: KernelTime(nanoseconds: wallNs))
    self.init(name: name, id: id, node: node, boot: boot, run: run, index: index, reading: reading)
  }
}
