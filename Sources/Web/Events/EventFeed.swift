internal import Model
internal import NIOCore
internal import Synchronization

/// Facts on their way to browsers: each is encoded once, and queued for every client by reference.
///
/// The feed never waits for a client. One whose queue is full is closed and counted; the others do not notice.
final class EventFeed: Sendable {
  /// What the metrics show.
  struct Figures: Equatable {
    var clients = 0
    /// Events and bytes that wait for all clients together.
    var queuedEvents = 0
    var queuedBytes = 0
    /// Clients that were closed because they did not read.
    var closed: Int64 = 0
    /// Clients that were refused because there were too many.
    var refused: Int64 = 0
  }

  private struct State {
    var clients: [ObjectIdentifier: EventClient] = [:]
    var addresses: [String: Int] = [:]
    /// The newest fact that was given to clients.
    var sequence: Int64
    var closed: Int64 = 0
    var refused: Int64 = 0
    var hasEnded = false
    /// Recent facts as they were encoded, so that clients which ask for what they missed share the bytes.
    var encoded: [Int64: ByteBuffer] = [:]
  }

  /// Facts that may wait for the feed itself.
  static let subscriptionFacts = 65_536

  private let facts: any FactsSource
  private let limits: EventLimits
  private let state: Mutex<State>

  init(_ facts: any FactsSource, limits: EventLimits) {
    self.facts = facts
    self.limits = limits
    state = Mutex(State(sequence: facts.last.sequence))
  }

  var figures: Figures {
    state.withLock { state in
      var figures = Figures(clients: state.clients.count, closed: state.closed, refused: state.refused)
      for client in state.clients.values {
        let queued = client.queued
        figures.queuedEvents += queued.events
        figures.queuedBytes += queued.bytes
      }
      return figures
    }
  }

  // MARK: Feeding

  /// Feeds clients until the journal closes or the task is cancelled.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      let subscription = facts.subscribe(after: state.withLock { $0.sequence }, buffer: EventFeed.subscriptionFacts)
      group.addTask { [self] in await beat() }
      for await fact in subscription { publish(fact) }
      group.cancelAll()
    }
    let clients = state.withLock { state in
      state.hasEnded = true
      return Array(state.clients.values)
    }
    for client in clients { client.finish() }
  }

  private func beat() async {
    while (try? await Task.sleep(for: limits.beat)) != nil {
      let gone = state.withLock { state -> [EventClient] in
        let stalled = state.clients.filter { $0.value.hasStalled() }
        return EventFeed.remove(stalled, &state) + EventFeed.offer(EventText.beat, &state)
      }
      for client in gone { client.cutOff() }
    }
  }

  private func publish(_ fact: Fact) {
    let full = state.withLock { state -> [EventClient] in
      state.sequence = fact.sequence
      return state.clients.isEmpty ? [] : EventFeed.offer(EventText.event(fact), &state)
    }
    for client in full { client.cutOff() }
  }

  /// Queues an event for all; gives those whose queue was full, which are clients no longer.
  private static func offer(_ event: ByteBuffer, _ state: inout State) -> [EventClient] {
    remove(state.clients.filter { !$0.value.offer(event) }, &state)
  }

  /// They are clients no longer.
  private static func remove(_ clients: [ObjectIdentifier: EventClient], _ state: inout State) -> [EventClient] {
    for (id, client) in clients {
      state.clients[id] = nil
      state.addresses.release(client.address)
      state.closed += 1
    }
    return Array(clients.values)
  }

  // MARK: Clients

  /// Adds a client. Throws ``FaultCode/tooManyClients``.
  /// - Parameters:
  ///   - sequence: begins with the facts beyond this number that the node remembers: as many of the newest as fill half a queue.
  ///   - disconnect: closes its connection.
  func join(address: String, after sequence: Int64?, disconnect: @escaping @Sendable () -> Void) throws(Fault) -> EventClient {
    let client = EventClient(address: address, limits: limits, disconnect: disconnect)
    let isAdmitted = state.withLock { state in
      guard state.addresses[address, default: 0] < limits.clientsPerAddress, state.clients.count < limits.clients else {
        state.refused += 1
        return false
      }
      // With the lock held no fact comes between what is repeated and what follows.
      if let sequence { for event in missed(after: sequence, &state) { _ = client.offer(event) } }
      guard !state.hasEnded else {
        client.finish()
        return true
      }
      state.clients[ObjectIdentifier(client)] = client
      state.addresses[address, default: 0] += 1
      return true
    }
    guard isAdmitted else { throw Fault(.tooManyClients, address) }
    return client
  }

  /// Forgets a client; without effect when it was closed already.
  func leave(_ client: EventClient) {
    state.withLock { state in
      guard state.clients.removeValue(forKey: ObjectIdentifier(client)) != nil else { return }
      state.addresses.release(client.address)
    }
    client.abandon()
  }

  /// Oldest first. What does not fit is left out at the old end, which the client sees by the numbers.
  private func missed(after sequence: Int64, _ state: inout State) -> [ByteBuffer] {
    var events: [ByteBuffer] = []
    var encoded: [Int64: ByteBuffer] = [:]
    var bytes = 0
    for fact in facts.recent(limit: limits.queuedEvents / 2).reversed() where fact.sequence <= state.sequence {
      guard fact.sequence > sequence else { break }
      let event = state.encoded[fact.sequence] ?? EventText.event(fact)
      bytes += event.readableBytes
      guard bytes <= limits.queuedBytes / 2 else { break }
      encoded[fact.sequence] = event
      events.append(event)
    }
    if encoded.count >= state.encoded.count / 2 { state.encoded = encoded }
    return events.reversed()
  }
}

extension [String: Int] {
  /// One client less of an address; an address without clients is not kept.
  fileprivate mutating func release(_ address: String) {
    let rest = self[address, default: 1] - 1
    self[address] = rest > 0 ? rest : nil
  }
}
