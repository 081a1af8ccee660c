internal import Conntrack
internal import KubernetesAPI
internal import LinuxKernel
internal import Logging
internal import Netlink
internal import NetworkTypes
internal import Synchronization

extension FlowLog {
  /// Listens until the task is cancelled or the socket fails.
  func followConnections() async throws {
    // Heard before the list is read, so that nothing falls between.
    let events = try ConntrackEvents(in: configuration.namespace)
    note(.connections, nil)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await events.run() }
      group.addTask {
        await self.listConnections()
        while let batch = await events.next() {
          self.take(batch)
          // What was lost may have begun something, or ended it.
          if !batch.loss.isEmpty { await self.listConnections() }
        }
      }
      // The first that fails ends the other.
      for try await _ in group {}
    }
  }

  /// A node's words with itself are nobody's flows.
  private func isOfInterest(_ flow: ConntrackFlow) -> Bool { !flow.source.address.isLoopback }

  private func take(_ batch: EventBatch<ConntrackEvent>) {
    let names = names.withLock { $0 }
    // Judged outside the lock, where that is known to be wanted.
    let events = batch.events.filter { isOfInterest($0.entry.flow) }.map { event in
      (event, event.kind == .new ? names.record(event.entry, seenAt: event.seenAt, since: event.seenAt) : nil)
    }
    tell { state in
      state.loss.events += batch.loss.total
      state.loss.uncounted += batch.loss.uncounted
      var records: [FlowRecord] = []
      for (event, record) in events {
        let time = Timestamp(nanoseconds: event.seenAt)
        switch event.kind {
        case .new: records += [record.flatMap { state.book.begin(event.entry, $0) }].compactMap { $0 }
        case .destroyed: if let record = state.book.end(event.entry, at: time) { records.append(record) }
        }
      }
      return records
    }
  }

  /// Takes up what the kernel's own list has, and ends what it does not have any more.
  func listConnections() async {
    let (namespace, before) = (configuration.namespace, Timestamp.now)
    let entries: [ConntrackEntry]
    do {
      entries = try await BlockingThread.run {
        let connection = try ConntrackConnection(in: namespace)
        var entries: [ConntrackEntry] = []
        for family in IPAddress.Family.allCases {
          for transport in TransportProtocol.allCases { entries += try connection.entries(transport, family) }
        }
        return entries
      }
    } catch {
      logger.warning("the kernel does not list its connections: \(error)")
      return
    }
    let names = names.withLock { $0 }
    let listed = entries.filter { isOfInterest($0.flow) }
    let now = Timestamp.now
    let nanoseconds = now.seconds * 1_000_000_000 + Int64(now.nanoseconds)
    let flows = Set(listed.map(\.flow))
    tell { state in
      var records: [FlowRecord] = []
      for entry in listed {
        if state.book.holds(entry) {
          state.book.update(entry, at: now)
        } else if !state.book.hasEnded(entry) {
          let record = names.record(entry, seenAt: nanoseconds, since: nil)
          records += [state.book.begin(entry, record)].compactMap { $0 }
        }
      }
      // Events that are on their way are younger than the listing, by no more than that.
      return records + state.book.endAll(but: flows, before: before - .seconds(1), at: now)
    }
  }
}
