/// What a simulated device films.
public struct TestPattern: Sendable, Hashable {
  /// Four pictures that nobody confuses, all in motion.
  public enum Picture: String, Sendable, CaseIterable {
    /// Colour bars that scroll.
    case bars
    /// A white ball that bounces on black.
    case ball
    /// A turning pinwheel.
    case pinwheel
    /// A chequered ground that scrolls.
    case chequers

    /// videotestsrc's `pattern`, and how many pixels a frame it scrolls.
    var source: (pattern: String, speed: Int64) {
      switch self {
      case .bars: ("smpte", 4)
      case .ball: ("ball", 0)
      case .pinwheel: ("pinwheel", 3)
      case .chequers: ("checkers-8", 1)
      }
    }
  }

  /// What moves in the picture, unless ``file`` is set.
  public var picture: Picture
  /// Pixels in a row.
  public var width: Int
  /// Rows.
  public var height: Int
  /// Pictures a second, whole.
  public var framesPerSecond: Int
  /// Kilobits a second of video.
  public var kilobitsPerSecond: Int
  /// Seconds between key frames.
  public var keyIntervalSeconds: Int
  /// Burned in at the top left; any script that the fonts have.
  public var label: String
  /// A beep each second beside the picture; the file's sound beside a file's.
  public var hasAudio: Bool
  /// Films this file, of any form that GStreamer decodes, instead of ``picture``.
  public var file: String?

  /// The defaults are those of a usual body camera: 720p, 25 pictures a second, 2 Mb/s, a key frame every 2 s.
  public init(
    picture: Picture = .bars, width: Int = 1280, height: Int = 720, framesPerSecond: Int = 25, kilobitsPerSecond: Int = 2000,
    keyIntervalSeconds: Int = 2, label: String = "", hasAudio: Bool = true, file: String? = nil
  ) {
    self.picture = picture
    self.width = width
    self.height = height
    self.framesPerSecond = framesPerSecond
    self.kilobitsPerSecond = kilobitsPerSecond
    self.keyIntervalSeconds = keyIntervalSeconds
    self.label = label
    self.hasAudio = hasAudio
    self.file = file
  }

  /// The pipeline's file below `pipelines/`.
  var launch: String { "sim/\(file == nil ? "pattern" : "file")\(hasAudio ? "-av" : "")" }

  var values: [String: PipelineValue] {
    let what: [String: PipelineValue] =
      if let file { ["location": .string(file)] } else {
        ["pattern": .string(picture.source.pattern), "speed": .int(picture.source.speed)]
      }
    return what.merging(coding) { own, _ in own }
  }

  private var coding: [String: PipelineValue] {
    [
      "size": .caps("video/x-raw,format=I420,width=\(width),height=\(height),framerate=\(framesPerSecond)/1"),
      "label": .string(label), "keyInterval": .int(Int64(keyIntervalSeconds * framesPerSecond)),
      "bitrate": .int(Int64(kilobitsPerSecond)),
    ]
  }
}
