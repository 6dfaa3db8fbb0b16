internal import Model

/// The county's own pictures: t6, and which of them counts.
extension IncidentReducer {
  mutating func pictureDecoded(_ fact: Fact) {
    guard let picture = PictureDecodedFact(fact), let name = picture.subject.device, let unit = picture.subject.unit?.text,
      let time = picture.subject.unitArrival
    else { return }
    let arrival = NodeInstant(fact).at(time)
    arrivals[unit] = arrivals[unit] ?? arrival
    if contents[unit] == nil { contents[unit] = picture.content.vclSha256 }
    guard let device = figures.devices.first(where: { $0.name == name }) else { return refuse("picture", name, "notEligible", fact) }
    guard isAfterStart(arrival) else { return refuse("picture", name, "beforeReceived", fact) }
    guard picture.content.isVisible else { return refuse("picture", name, "black", fact) }
    add(.t6, fact, name, uncertainty: fact.bootTime - arrival.time)
    guard device.isEligible else { return refuse("picture", name, "notEligible", fact) }
    pictures.append(
      Picture(at: NodeInstant(fact), device: name, unit: unit, vclSha256: picture.content.vclSha256 ?? "", arrival: arrival))
    if policy?.secondPictureRequired != true { decideCounty() }
  }

  mutating func pictureSecond(_ fact: Fact) {
    guard let second = PictureSecondFact(fact), let name = second.subject.device, let unit = second.subject.unit?.text else { return }
    let within = Nanoseconds(policy?.secondPictureWithinNs ?? 5_000_000_000)
    let isSecond = pictures.contains { first in
      guard first.device == name, first.unit != unit, first.vclSha256 != second.vclSha256 ?? "", let after = NodeInstant(fact) - first.at
      else { return false }
      return after >= .zero && after <= within
    }
    guard isSecond, let index = figures.devices.firstIndex(where: { $0.name == name }) else { return }
    figures.devices[index].isAlive = true
  }

  /// The first picture that counts; the others are listed as steps.
  mutating func decideCounty() {
    guard figures.county == nil, let first = countyPicture else { return }
    figures.county = IncidentFigures.County(time: first.at - start, lower: first.arrival - start, device: first.device, unit: first.unit)
  }

  private var countyPicture: Picture? {
    let isRequired = policy?.secondPictureRequired == true
    return pictures.first { picture in !isRequired || figures.devices.contains { $0.name == picture.device && $0.isAlive } }
  }

  /// T_county of a county that rebooted, over the clock of the province, which did not (docs/facts.md).
  mutating func bridgeCounty() {
    guard let first = countyPicture, let county = figures.county, county.time == nil, let proof, proof.isBeaconKnown,
      let arrival = proof.receipt.arrival, let beacon = proof.receipt.beacon
    else { return }
    let fitting = bridges.first {
      $0.uplink == proof.uplink && $0.offset.peerBoot == proof.receipt.boot && $0.offset.at.sharesClock(with: first.at)
    }
    guard let seen = fitting?.offset.upper(of: first.at) else { return }
    figures.county?.bridged = Bracket(lower: seen.earliest - arrival, upper: seen.latest - beacon)
  }
}
