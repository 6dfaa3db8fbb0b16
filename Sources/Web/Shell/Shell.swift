internal import Model
internal import Report

/// What every page has around its view: the head with its style sheets, the navigation, and where the state of the connection is shown.
///
/// Texts stand in Chinese; the browser puts the other language in their place (`data-zh`, `data-en`).
struct Shell {
  let page: WebPage
  /// The navigation.
  var pages = WebPage.all

  var html: HTML {
    """
    <!doctype html>
    <html lang="zh-CN">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title\(Shell.words(page.title))>\(page.title.zh) · 首帧</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/assets/css/tokens.css">
    <link rel="stylesheet" href="/assets/css/base.css">
    <link rel="stylesheet" href="/assets/\(page.style)">
    <script type="module" src="/assets/\(page.script)"></script>
    </head>
    <body>
    <header>
    <b class="brand">首帧</b>
    <nav>
    \(pages.map(link))</nav>
    <span id="node" class="node"></span>
    <span id="connection" class="connection" role="status"></span>
    <span id="health" class="health" role="alert" hidden></span>
    <button id="language" type="button">English</button>
    </header>
    <main id="view"></main>
    <noscript>请启用 JavaScript。Please enable JavaScript.</noscript>
    </body>
    </html>

    """
  }

  private func link(to other: WebPage) -> HTML {
    let current: HTML = other.path == page.path ? " aria-current=\"page\"" : .empty
    return "<a href=\"\(other.path)\" data-permission=\"\(other.permission.rawValue)\"\(current)\(Shell.words(other.title))>\(other.title.zh)</a>\n"
  }

  private static func words(_ text: Bilingual) -> HTML { " data-zh=\"\(text.zh)\" data-en=\"\(text.en)\"" }
}
