import Model

/// The repository's root, from where this file lies.
let repository = Disk.parent(of: Disk.parent(of: Disk.parent(of: Disk.parent(of: #filePath))))

/// The Python reader that a page of the documentation ends with.
func documentedReader(_ page: String) throws -> String {
  let lines = text(try bytes(of: repository + "/docs/" + page)).split(separator: "\n", omittingEmptySubsequences: false)
  guard let begin = lines.lastIndex(of: "```python") else { throw TestFailure("no reader in \(page)") }
  let code = lines[(begin + 1)...].prefix { $0 != "```" }
  return code.joined(separator: "\n") + "\n"
}
