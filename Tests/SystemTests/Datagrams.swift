import Foundation

/// UDP sockets as the kernel lists them.
enum Datagrams {
  /// The IPv4 ports that a process holds.
  static func ports(of process: Int32) -> [Int] {
    let folder = "/proc/\(process)/fd"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let links = names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)") }
    let inodes = Set(links.filter { $0.hasPrefix("socket:[") }.map { $0.dropFirst(8).dropLast() })
    let table = FileManager.default.contents(atPath: "/proc/net/udp").map { String(decoding: $0, as: UTF8.self) } ?? ""
    return table.split(separator: "\n").dropFirst().compactMap { line in
      let columns = line.split(separator: " ")
      guard columns.count > 9, inodes.contains(columns[9]) else { return nil }
      return columns[1].split(separator: ":").last.flatMap { Int($0, radix: 16) }
    }
  }
}
