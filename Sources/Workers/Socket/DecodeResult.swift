public import Model
public import NIOCore

/// What a worker says of one key frame (measurement.md §4.3).
public struct DecodeResult: Sendable, Equatable {
  /// Decoded without a complaint. Visible or not is another question.
  public var ok: Bool
  /// Why not ok, or why not visible (`black`, `flat`); empty otherwise.
  public var reason: String
  /// Pixels in a row of the decoded picture; 0 without one.
  public var width: Int
  /// Its rows.
  public var height: Int
  /// SHA-256 of ``jpeg``, lower-case hexadecimal.
  public var jpegSHA256: String
  /// SHA-256 of the unit's VCL NAL units in order without prefixes, lower-case hexadecimal.
  public var vclSHA256: String
  /// Whether the picture shows anything.
  public var look: PictureLook
  /// Nanoseconds from job to JPEG.
  public var decodeNanoseconds: Int64
  /// At most 1280 wide, aspect kept.
  public var jpeg: ByteBuffer

  static func failed(_ reason: String) -> DecodeResult {
    DecodeResult(
      ok: false, reason: reason, width: 0, height: 0, jpegSHA256: "", vclSHA256: "", look: PictureLook(), decodeNanoseconds: 0,
      jpeg: ByteBuffer())
  }

  func frame(id: Int64) -> WorkerFrame {
    let json: JSON = [
      "id": .int(id), "ok": .bool(ok), "reason": .string(reason), "width": .int(Int64(width)), "height": .int(Int64(height)),
      "jpegSHA256": .string(jpegSHA256), "vclSHA256": .string(vclSHA256), "lumaMeanMilli": .int(Int64(look.lumaMeanMilli)),
      "lumaVariancePpm": .int(Int64(look.lumaVariancePpm)), "visible": .bool(look.visible), "dark": .bool(look.dark),
      "black": .bool(look.black), "flat": .bool(look.flat), "decodeNs": .int(decodeNanoseconds),
    ]
    return WorkerFrame(.result, json: json.text, bytes: jpeg)
  }

  /// A result and the id of its job; nil for anything else.
  static func read(_ frame: WorkerFrame) -> (id: Int64, result: DecodeResult)? {
    guard frame.kind == .result, let parts = frame.parts, let json = try? JSON(parsing: parts.json.readableBytesView),
      let id = json["id"]?.intValue, let ok = json["ok"]?.boolValue
    else { return nil }
    func number(_ key: String) -> Int { Int(clamping: json[key]?.intValue ?? 0) }
    func truth(_ key: String) -> Bool { json[key]?.boolValue ?? false }
    func text(_ key: String) -> String { json[key]?.stringValue ?? "" }
    let look = PictureLook(
      lumaMeanMilli: number("lumaMeanMilli"), lumaVariancePpm: number("lumaVariancePpm"), visible: truth("visible"), dark: truth("dark"),
      black: truth("black"), flat: truth("flat"))
    let result = DecodeResult(
      ok: ok, reason: text("reason"), width: number("width"), height: number("height"), jpegSHA256: text("jpegSHA256"),
      vclSHA256: text("vclSHA256"), look: look, decodeNanoseconds: json["decodeNs"]?.intValue ?? 0, jpeg: parts.bytes)
    return (id, result)
  }

  /// The same in the form that those outside of this room know.
  public var picture: DecodedPicture {
    DecodedPicture(
      width: width, height: height, jpeg: jpeg, jpegSHA256: jpegSHA256, vclSHA256: vclSHA256, visible: look.visible, dark: look.dark,
      lumaMeanMilli: look.lumaMeanMilli)
  }
}
