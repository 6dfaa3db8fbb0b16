#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// What libFuzzer calls with each input; `FIRSTFRAME_PARSER` names the parser under attack. `scripts/fuzz` builds and runs it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 0 else { return 0 }
  Parsers.chosen([UInt8](UnsafeBufferPointer(start: start, count: count)))
  return 0
}

/// The package manager points `main` here; libFuzzer's own is passed over, so that its driver is called by hand.
@_cdecl("fuzz_main")
public func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
  var (count, arguments) = (count, arguments)
  return runDriver(&count, &arguments, fuzzOneInput)
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ one: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

extension Parsers {
  /// Called once: a typing error must not pass for an hour of clean fuzzing.
  static let chosen: @Sendable ([UInt8]) -> Void = {
    let name = getenv("FIRSTFRAME_PARSER").map { String(cString: $0) } ?? ""
    guard let parser = all[name] else {
      fputs("FIRSTFRAME_PARSER is none of \(all.keys.sorted().joined(separator: " "))\n", stderr)
      exit(2)
    }
    return parser
  }()
}
