import JSONTree
import KubernetesAPI

/// What the objects of one namespace use of its quotas, counted as they come and go.
struct NamespaceUsage {
  struct Quota {
    let name: String
    let scopes: QuotaScopes
    var hard: ResourceAmounts
    var used: ResourceAmounts = [:]
  }

  private struct Known {
    let revision: Int64
    /// `nil` for an object that is gone.
    let usage: ResourceUsage?
  }

  /// A change of an object from one use to another.
  private struct Write {
    let uid: String
    let old: ResourceUsage?
    let new: ResourceUsage

    /// What it takes of a quota beyond what its object had of it.
    func increase(in quota: Quota) -> ResourceAmounts {
      guard quota.scopes.contain(new) else { return [:] }
      let before = old.flatMap { quota.scopes.contain($0) ? $0.amounts : nil } ?? [:]
      var increase: ResourceAmounts = [:]
      for (name, amount) in new.amounts {
        let more = amount - (before[name] ?? .zero)
        if more > .zero { increase[name] = more }
      }
      return increase
    }
  }

  /// Whether the objects that were there before the first quota have been counted.
  private(set) var isCounted = false
  private(set) var quotas: [String: Quota] = [:]
  private var objects: [String: Known] = [:]
  /// Objects that will count less without having changed: pods that do not end in time.
  private var expiries: [String: Timestamp] = [:]
  /// What writes under way will use, with the identity of their object.
  private var pending: [UInt64: Write] = [:]
  private var lastReservation: UInt64 = 0

  mutating func setQuota(_ object: JSON) {
    let hard = Self.amounts(object.spec["hard"])
    var quota = Quota(name: object.name, scopes: QuotaScopes(object), hard: hard)
    if let known = quotas[object.uid] {
      quota.used = known.used
    } else {
      for known in objects.values {
        if let usage = known.usage, quota.scopes.contain(usage) { Self.add(usage.amounts, to: &quota.used) }
      }
    }
    quotas[object.uid] = quota
  }

  /// Whether nobody asks for what is counted here.
  var isUnused: Bool { quotas.isEmpty && pending.isEmpty }

  mutating func removeQuota(uid: String) { quotas[uid] = nil }

  static func amounts(_ json: JSON?) -> ResourceAmounts {
    var amounts: ResourceAmounts = [:]
    for member in json?.object?.members ?? [] { amounts[member.key] = try? Quantity(json: member.value) }
    return amounts
  }

  /// Takes an object's state at a revision. An older one than is known changes nothing.
  mutating func take(key: String, uid: String, revision: Int64, usage: ResourceUsage?) {
    let known = objects[key]
    if let known, known.revision >= revision { return }
    for (id, write) in pending where write.uid == uid { pending[id] = nil }
    replace(known?.usage, by: usage)
    expiries[key] = usage?.expiry
    objects[key] = usage == nil && isCounted ? nil : Known(revision: revision, usage: usage)
  }

  private mutating func replace(_ old: ResourceUsage?, by usage: ResourceUsage?) {
    for (id, quota) in quotas {
      var used = quota.used
      if let old, quota.scopes.contain(old) { Self.subtract(old.amounts, from: &used) }
      if let usage, quota.scopes.contain(usage) { Self.add(usage.amounts, to: &used) }
      quotas[id]?.used = used
    }
  }

  /// When the next object will count less.
  var nextExpiry: Timestamp? { expiries.values.min() }

  /// Lets go of what is over; returns whether anything was.
  mutating func expire(at now: Timestamp) -> Bool {
    let due = expiries.filter { $0.value <= now }.keys
    for key in due {
      expiries[key] = nil
      guard let known = objects[key], let usage = known.usage else { continue }
      replace(usage, by: usage.expired)
      objects[key] = Known(revision: known.revision, usage: usage.expired)
    }
    return !due.isEmpty
  }

  mutating func markCounted() {
    isCounted = true
    objects = objects.filter { $0.value.usage != nil }
  }

  /// Why an object may not become what `new` says: the first quota it would exceed, in upstream's words.
  func refusal(of new: ResourceUsage, replacing old: ResourceUsage?) -> String? {
    let write = Write(uid: "", old: old, new: new)
    for quota in quotas.values.sorted(by: { $0.name < $1.name }) {
      let increase = write.increase(in: quota)
      var used = quota.used
      for write in pending.values { Self.add(write.increase(in: quota), to: &used) }
      let exceeded = quota.hard.keys.filter { name in
        guard let more = increase[name], let limit = quota.hard[name] else { return false }
        return (used[name] ?? .zero) + more > limit
      }.sorted()
      guard !exceeded.isEmpty else { continue }
      func text(_ amounts: ResourceAmounts) -> String {
        exceeded.map { "\($0)=\(amounts[$0] ?? .zero)" }.joined(separator: ",")
      }
      return "exceeded quota: \(quota.name), requested: \(text(increase)), used: \(text(used)), "
        + "limited: \(text(quota.hard))"
    }
    return nil
  }

  /// Reserves what a write will use beyond what its object uses now.
  mutating func reserve(_ new: ResourceUsage, replacing old: ResourceUsage?, uid: String) -> UInt64 {
    lastReservation += 1
    pending[lastReservation] = Write(uid: uid, old: old, new: new)
    return lastReservation
  }

  mutating func release(_ reservation: UInt64) { pending[reservation] = nil }

  private static func add(_ amounts: ResourceAmounts, to used: inout ResourceAmounts) {
    for (name, amount) in amounts { used[name] = used[name].map { $0 + amount } ?? amount }
  }

  private static func subtract(_ amounts: ResourceAmounts, from used: inout ResourceAmounts) {
    for (name, amount) in amounts {
      let rest = (used[name] ?? .zero) - amount
      used[name] = rest.isZero ? nil : rest
    }
  }
}
