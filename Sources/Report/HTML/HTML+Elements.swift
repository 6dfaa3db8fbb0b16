/// The elements that reports are made of, each on a line of its own.
extension HTML {
  /// A whole page that stands alone: its style comes with it, and it fetches and runs nothing.
  static func page(title: String, style: HTML, body: [HTML]) -> HTML {
    """
    <!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <title>\(title)</title>
    <style>\(style)</style></head><body>
    \(body)</body></html>

    """
  }

  static func element(_ tag: StaticString, _ text: String, class name: String? = nil) -> HTML {
    let attribute: HTML = name.map { " class=\"\($0)\"" } ?? .empty
    return "<\(name: tag)\(attribute)>\(text)</\(name: tag)>\n"
  }

  /// - Parameter rows: the first one is the table's head.
  static func table(_ rows: [[String]]) -> HTML {
    var table: HTML = "<table>\n"
    for (index, row) in rows.enumerated() {
      let cells: [HTML] = row.map { index == 0 ? "<th>\($0)</th>" : "<td>\($0)</td>" }
      table += "<tr>\(cells)</tr>\n"
    }
    return HTML(table, "</table>\n")
  }

  /// The pieces one after the other.
  init(_ pieces: HTML...) { self = "\(pieces)" }
}
