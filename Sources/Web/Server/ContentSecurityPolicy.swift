internal import Crypto
internal import FoundationEssentials
internal import Report

/// What a browser may load and run for an answer (W3C CSP Level 3). No policy allows inline script or an inline `style` attribute.
struct ContentSecurityPolicy: Hashable {
  let text: String

  /// Of everything that is no page: it loads nothing, and nobody frames it.
  static let data = ContentSecurityPolicy(text: "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")

  /// Of the pages: scripts, styles and data from this node alone, pictures also from memory. Trusted Types make every assignment of text as HTML fail.
  ///
  /// A document that a page opens from memory has the page's own policy: hence the two hashes.
  static let page = ContentSecurityPolicy(
    text: [
      "default-src 'self'", "script-src 'self'", "style-src 'self' \(hash(IncidentReport.style)) \(hash(Inspection.style))",
      "img-src 'self' blob: data:", "connect-src 'self'", "object-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'",
      "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; "))

  /// Of a document that stands alone: its one style sheet by its hash, and the pictures that it carries.
  static func document(style: HTML) -> ContentSecurityPolicy {
    ContentSecurityPolicy(
      text: "default-src 'none'; style-src \(hash(style)); img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
  }

  private static func hash(_ style: HTML) -> String {
    "'sha256-\(Data(SHA256.hash(data: Array(style.text.utf8))).base64EncodedString())'"
  }
}
