/// One text in both languages of the product.
public struct Bilingual: Hashable, Sendable {
  /// Chinese, which is shown first.
  public var zh: String
  /// English, in British spelling.
  public var en: String

  /// - Parameters:
  ///   - zh: the Chinese text.
  ///   - en: the same in English.
  public init(zh: String, en: String) {
    self.zh = zh
    self.en = en
  }
}
