import Glibc
import Model

func bytes(of path: String) throws -> [UInt8] {
  guard let bytes = try Disk.read(path) else { throw TestFailure("no \(path)") }
  return bytes
}

func lines(of path: String) throws -> [[UInt8]] {
  var lines: [[UInt8]] = []
  var line: [UInt8] = []
  for byte in try bytes(of: path) {
    line.append(byte)
    if byte == 10 {
      lines.append(line)
      line = []
    }
  }
  if !line.isEmpty { lines.append(line) }
  return lines
}

func write(_ bytes: [UInt8], to path: String) throws { try Disk.replace(path, with: bytes) }

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// Runs a program and gives its exit status and output; for referees such as openssl and python3.
func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
  let command = arguments.map { "'" + $0.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'" }
  guard let pipe = popen(command.joined(separator: " ") + " 2>&1", "r") else { throw TestFailure("popen: \(errno)") }
  var output: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = fread(&chunk, 1, chunk.count, pipe)
    if count == 0 { break }
    output += chunk[..<count]
  }
  return (pclose(pipe) >> 8 & 0xFF, text(output))
}

func hasProgram(_ name: String) -> Bool { (try? run(["sh", "-c", "command -v \(name)"]).status) == 0 }
