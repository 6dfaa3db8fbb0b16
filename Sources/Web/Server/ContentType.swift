/// The media types that this server sends.
enum ContentType: String {
  case html = "text/html; charset=utf-8"
  case css = "text/css; charset=utf-8"
  case javascript = "text/javascript; charset=utf-8"
  case json = "application/json; charset=utf-8"
  case csv = "text/csv; charset=utf-8"
  case svg = "image/svg+xml; charset=utf-8"
  case events = "text/event-stream; charset=utf-8"
  case metrics = "text/plain; version=0.0.4; charset=utf-8"
  case jpeg = "image/jpeg"
  /// A receipt's bytes as they were signed.
  case receipt = "application/json"
  case pem = "application/x-pem-file"
  case binary = "application/octet-stream"

  /// Of a file that ships with the program, by the ending of its name; nil for one that is not served.
  init?(ending: some StringProtocol) {
    switch ending {
    case "css": self = .css
    case "js": self = .javascript
    case "json": self = .json
    case "svg": self = .svg
    default: return nil
    }
  }
}
