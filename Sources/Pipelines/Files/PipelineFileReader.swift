internal import Model

/// Reads a pipeline file word by word. Knows just enough of the launch syntax to say which element a property belongs to.
struct PipelineFileReader {
  struct Open {
    var factory: String
    var name: String?
    var pending: [(property: String, parameter: String)] = []
  }

  let name: String
  private(set) var parameters: [PipelineParameter] = []
  private(set) var elements: [Open] = []
  private(set) var words: [String] = []
  private(set) var bindings: [PipelineFile.Binding] = []
  /// Whether the next `key=value` still belongs to the last element.
  private var takesProperties = false

  init(name: String) { self.name = name }

  func fail(_ why: String) -> Fault { Fault(.pipelineInvalid, "\(name).launch: \(why)") }

  mutating func read(line: Substring) throws(Fault) {
    let trimmed = line.drop { $0 == " " || $0 == "\t" }
    if trimmed.hasPrefix("#:") {
      try declare(trimmed.dropFirst(2))
    } else if !trimmed.hasPrefix("#") {
      for word in try split(trimmed) { try take(word) }
    }
  }

  private mutating func declare(_ text: Substring) throws(Fault) {
    let parts = text.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
    guard parts.count == 2, PipelineFileReader.isName(parts[0]) else { throw fail("a declaration reads `#: name  Kind`") }
    guard let kind = PipelineParameter.Kind(rawValue: parts[1]) else { throw fail("unknown kind \(parts[1])") }
    guard !parameters.contains(where: { $0.name == parts[0] }) else { throw fail("\(parts[0]) is declared twice") }
    parameters.append(PipelineParameter(name: parts[0], kind: kind))
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

  private mutating func take(_ word: String) throws(Fault) {
    if word == "!" {
      takesProperties = false
      words.append(word)
      return
    }
    guard !word.contains("("), !word.contains(")") || word.contains("=") else { throw fail("bins are not allowed: \(word)") }
    if let equals = word.firstIndex(of: "="), !word[..<equals].contains(where: { $0 == "/" || $0 == "," }) {
      try takeProperty(key: String(word[..<equals]), value: String(word[word.index(after: equals)...]), word: word)
    } else {
      guard !word.contains("{"), !word.contains("}") else { throw fail("{…} may stand only for a whole property: \(word)") }
      try takeElementOrLink(word)
    }
  }

  private mutating func takeProperty(key: String, value: String, word: String) throws(Fault) {
    guard takesProperties, let last = elements.indices.last else { throw fail("a property without an element: \(word)") }
    if value.hasPrefix("{"), value.hasSuffix("}"), PipelineFileReader.isName(String(value.dropFirst().dropLast())) {
      elements[last].pending.append((key, String(value.dropFirst().dropLast())))
      return
    }
    guard !value.contains("{"), !value.contains("}") else { throw fail("{…} may stand only for a whole property: \(word)") }
    if key == "name" { elements[last].name = value }
    words.append(word)
  }

  private mutating func takeElementOrLink(_ word: String) throws(Fault) {
    words.append(word)
    guard !word.contains("/"), !word.contains(".") else {
      takesProperties = false  // a caps filter or a named pad
      return
    }
    guard PipelineFileReader.isName(word) else { throw fail("not an element: \(word)") }
    guard PipelineFile.allows(word, in: name) else { throw fail("\(word) is not allowed in a pipeline file") }
    elements.append(Open(factory: word))
    takesProperties = true
  }

  mutating func finish() throws(Fault) {
    guard !elements.isEmpty else { throw fail("no element") }
    for element in elements where !element.pending.isEmpty {
      guard let owner = element.name else { throw fail("\(element.factory) has a bound property and so needs a name") }
      for (property, parameter) in element.pending {
        guard parameters.contains(where: { $0.name == parameter }) else { throw fail("{\(parameter)} is not declared") }
        bindings.append(PipelineFile.Binding(element: owner, property: property, parameter: parameter))
      }
    }
    if let unused = parameters.first(where: { parameter in !bindings.contains { $0.parameter == parameter.name } }) {
      throw fail("\(unused.name) is declared but not used")
    }
    let names = elements.compactMap(\.name)
    guard Set(names).count == names.count else { throw fail("two elements have one name") }
  }

  /// Letters, digits, `-` and `_`, beginning with a letter: element factories and parameters alike.
  static func isName(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, ("a"..."z").contains(first) || ("A"..."Z").contains(first) else { return false }
    return text.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "-" || $0 == "_"
    }
  }
}
