/// One record of a sample file. A file keeps the order in which the records were made; figures depend on that order.
public enum SampleRecord: Hashable, Sendable {
  case frame(FrameSample)
  case second(SecondSample)
  case event(SampleEvent)
}
