public import Model

/// A picture that a browser in the hall said it had presented (measurement.md §4.5): an event of its own, never t6.
public struct ShownPicture: Hashable, Sendable {
  /// Which kind of picture.
  public typealias What = PictureShownFact.What

  /// As registered.
  public var device: String
  /// Path of the stream.
  public var stream: String
  /// A picture or a playing stream.
  public var what: What
  /// The browser's own random name.
  public var viewer: String
  /// When it said so: it was presented no later.
  public var at: NodeInstant
  /// Since t1; nil across boots.
  public var since: Nanoseconds?
  /// How long before it had been presented, by the browser's own clock.
  public var age: Nanoseconds?

  init?(_ fact: Fact, start: NodeInstant) {
    guard let shown = PictureShownFact(fact), let what = shown.what.value else { return nil }
    device = shown.device
    stream = shown.stream.text
    self.what = what
    viewer = shown.viewer
    at = NodeInstant(fact)
    since = at - start
    age = shown.age
  }

  /// As a `verdict` fact carries it.
  public var json: JSON {
    [
      "device": .string(device), "stream": .string(stream), "what": .string(what.rawValue), "viewer": .string(viewer),
      "boot": .string(at.boot), "bootNs": .int(at.time.nanoseconds), "sinceNs": .whole(since?.value), "ageNs": .whole(age?.value),
    ]
  }
}
