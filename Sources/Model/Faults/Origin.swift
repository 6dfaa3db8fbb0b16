/// Whose side a failure is on (architecture.md §3): the first thing a duty officer wants to know.
public enum Origin: String, Sendable, Codable { case device, network, config, disk, relay, peer }
