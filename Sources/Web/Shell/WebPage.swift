internal import Model

/// One page of the program. A new page is one entry of ``all``, a folder under `Pages/js/views` and a style sheet.
struct WebPage: Sendable {
  let path: String
  let title: Bilingual
  /// What its data needs. The page itself is open: a browser cannot send a key before the page has asked for it.
  let permission: WebPermission
  /// Its module and its style sheet, under `/assets/`.
  let script: String
  let style: String

  /// In the navigation's order: only what exists.
  static let all = [
    WebPage(
      path: "/", title: Bilingual(zh: "事件看板", en: "Incident board"), permission: .incidentsRead, script: "js/views/board/main.js",
      style: "css/views/board.css")
  ]
}
