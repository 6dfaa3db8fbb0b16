internal import Model

/// Reads a pipeline file word by word. Knows just enough of the launch syntax to say which element a property belongs to.
struct PipelineFileReader {
  struct Open {
    var factory: String
    var name: String?
    var pending: [(property: String, parameter: String)] = []
    /// Of the file, 1…
    var line: Int
  }

  let name: String
  private(set) var parameters: [PipelineParameter] = []
  private(set) var elements: [Open] = []
  private(set) var words: [String] = []
  private(set) var bindings: [PipelineFile.Binding] = []
  /// Whether the next `key=value` still belongs to the last element.
  private var mayBindProperty = false
  /// The line that is being read, 1…
  private var line = 0
  /// Where each parameter is declared.
  private var declaredAt: [String: Int] = [:]

  init(name: String) { self.name = name }

  /// - Parameter line: the line that is read, unless another one is meant.
  private func fail(_ why: String, line: Int? = nil) -> Fault { Fault(.pipelineInvalid, "\(name).launch:\(line ?? self.line): \(why)") }

  mutating func read(line text: Substring) throws(Fault) {
    line += 1
    let trimmed = text.drop { $0 == " " || $0 == "\t" }
    if trimmed.hasPrefix("#:") {
      try declare(trimmed.dropFirst(2))
    } else if !trimmed.hasPrefix("#") {
      for word in try split(trimmed) { try read(word) }
    }
  }

  private mutating func declare(_ text: Substring) throws(Fault) {
    let parts = text.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
    guard parts.count == 2, PipelineFileReader.isName(parts[0]) else { throw fail("a declaration reads `#: name  Kind`") }
    guard let kind = PipelineParameter.Kind(rawValue: parts[1]) else { throw fail("unknown kind \(parts[1])") }
    guard !parameters.contains(where: { $0.name == parts[0] }) else { throw fail("\(parts[0]) is declared twice") }
    parameters.append(PipelineParameter(name: parts[0], kind: kind))
    declaredAt[parts[0]] = line
  }

  /// Splits at white space outside double quotes.
  private func split(_ line: Substring) throws(Fault) -> [String] {
    var words: [String] = []
    var word = ""
    var quoted = false
    for character in line {
      if character == "\"" { quoted.toggle() }
      if !quoted, character == " " || character == "\t" || character == "\r" {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        word.append(character)
      }
    }
    guard !quoted else { throw fail("a quote is not closed") }
    if !word.isEmpty { words.append(word) }
    return words
  }

  private mutating func read(_ word: String) throws(Fault) {
    if word == "!" {
      mayBindProperty = false
      words.append(word)
      return
    }
    guard !word.contains("("), !word.contains(")") || word.contains("=") else { throw fail("bins are not allowed: \(word)") }
    if let equals = word.firstIndex(of: "="), !word[..<equals].contains(where: { $0 == "/" || $0 == "," }) {
      try readProperty(key: String(word[..<equals]), value: String(word[word.index(after: equals)...]), word: word)
    } else {
      guard !word.contains("{"), !word.contains("}") else { throw fail("{…} may stand only for a whole property: \(word)") }
      try readElementOrLink(word)
    }
  }

  private mutating func readProperty(key: String, value: String, word: String) throws(Fault) {
    guard mayBindProperty, let last = elements.indices.last else { throw fail("a property without an element: \(word)") }
    if value.hasPrefix("{"), value.hasSuffix("}"), PipelineFileReader.isName(String(value.dropFirst().dropLast())) {
      elements[last].pending.append((key, String(value.dropFirst().dropLast())))
      return
    }
    guard !value.contains("{"), !value.contains("}") else { throw fail("{…} may stand only for a whole property: \(word)") }
    if key == "name" { elements[last].name = value }
    words.append(word)
  }

  private mutating func readElementOrLink(_ word: String) throws(Fault) {
    words.append(word)
    guard !word.contains("/"), !word.contains(".") else {
      mayBindProperty = false  // a caps filter or a named pad
      return
    }
    guard PipelineFileReader.isName(word) else { throw fail("not an element: \(word)") }
    guard PipelineFile.allows(word, in: name) else { throw fail("\(word) is not allowed in a pipeline file") }
    elements.append(Open(factory: word, line: line))
    mayBindProperty = true
  }

  /// The file has ended: what can be checked only now.
  mutating func finish() throws(Fault) {
    guard !elements.isEmpty else { throw fail("no element") }
    for element in elements { try bind(element) }
    if let unused = parameters.first(where: { parameter in !bindings.contains { $0.parameter == parameter.name } }) {
      throw fail("\(unused.name) is declared but not used", line: declaredAt[unused.name])
    }
    var names: Set<String> = []
    for element in elements {
      if let name = element.name, !names.insert(name).inserted { throw fail("two elements have one name", line: element.line) }
    }
  }

  private mutating func bind(_ element: Open) throws(Fault) {
    guard !element.pending.isEmpty else { return }
    guard let owner = element.name else { throw fail("\(element.factory) has a bound property and so needs a name", line: element.line) }
    for (property, parameter) in element.pending {
      guard parameters.contains(where: { $0.name == parameter }) else { throw fail("{\(parameter)} is not declared", line: element.line) }
      bindings.append(PipelineFile.Binding(element: owner, property: property, parameter: parameter))
    }
  }

  /// Letters, digits, `-` and `_`, beginning with a letter: element factories and parameters alike.
  static func isName(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, ("a"..."z").contains(first) || ("A"..."Z").contains(first) else { return false }
    return text.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "-" || $0 == "_"
    }
  }
}
