internal import Model

/// The steps of an incident's time line (field-guide §2.1).
public enum StepID: String, Sendable, Codable, CaseIterable {
  /// 接报 received.
  case t1
  /// 指令下达 called out, one a device.
  case t2
  /// 应答 acknowledged.
  case t3
  /// 到场 on scene.
  case t4
  /// First media packet at the relay.
  case t5
  /// First key frame.
  case t5k
  /// First picture decoded at the county.
  case t6
  /// First picture decoded at the province.
  case t8
  /// Voice both ways.
  case t9
  /// Closed.
  case t10

  /// What a person did, as a fact names it.
  init(_ step: IncidentStepFact.Step) {
    self =
      switch step {
      case .calledOut: .t2
      case .acknowledged: .t3
      case .onScene: .t4
      case .voice: .t9
      }
  }
}
