package import JSONTree
import KubernetesAPI

/// What is particular about one kind when its objects are written. Everything has a default that fits most kinds.
package protocol ResourceStrategy: Sendable {
  /// Whether `metadata.generation` counts changes of the spec.
  var tracksGeneration: Bool { get }
  /// Whether an update without a resourceVersion is accepted.
  var allowsUnconditionalUpdate: Bool { get }
  /// Whether an update of an object that is not there makes it.
  var allowsCreateOnUpdate: Bool { get }
  /// Whether a delete answers with the object instead of a Status.
  var returnsDeletedObject: Bool { get }

  /// Completes a new object; may refuse it. Runs after defaulting and before validation.
  func prepareForCreate(_ object: inout JSON, _ context: StrategyContext) throws(APIStatus)
  /// Completes a changed object; `old` is what is stored.
  func prepareForUpdate(_ object: inout JSON, from old: JSON, _ context: StrategyContext) throws(APIStatus)
  /// Completes an object whose status was changed.
  func prepareForStatusUpdate(_ object: inout JSON, from old: JSON) throws(APIStatus)
  /// What is wrong with the object beyond its schema; `old` is set for updates.
  func validate(_ object: JSON, replacing old: JSON?) -> [APIStatus.Cause]
  /// The object is gone: gives back what it held.
  func release(_ object: JSON)
  /// The object is another one now: gives back what only its former state held.
  func settle(_ kept: JSON, instead dropped: JSON)
  /// Seconds an object stays after a delete before it is removed; 0 removes it at once.
  func gracePeriod(of object: JSON, requested: Int64?) -> Int64
  /// Changes an object that is being deleted but stays for now.
  func markTerminating(_ object: inout JSON)
  /// Whether something besides `metadata.finalizers` keeps a deleted object.
  func isHeld(_ object: JSON) -> Bool
}

/// What strategies may look at.
package struct StrategyContext: Sendable {
  package let registry: Registry
  package let user: User
  package let isDryRun: Bool
  /// Of the request; empty where it is about the object itself.
  package let subresource: String
  /// For what a strategy takes from others; it goes back where the object is not stored after all.
  let undo = RequestUndo()
}

extension ResourceStrategy {
  package var tracksGeneration: Bool { false }
  package var allowsUnconditionalUpdate: Bool { true }
  package var allowsCreateOnUpdate: Bool { false }
  package var returnsDeletedObject: Bool { false }
  package func prepareForCreate(_ object: inout JSON, _ context: StrategyContext) throws(APIStatus) {}
  package func prepareForUpdate(_ object: inout JSON, from old: JSON, _ context: StrategyContext) throws(APIStatus) {}
  package func prepareForStatusUpdate(_ object: inout JSON, from old: JSON) throws(APIStatus) {}
  package func validate(_ object: JSON, replacing old: JSON?) -> [APIStatus.Cause] { [] }
  package func release(_ object: JSON) {}
  package func settle(_ kept: JSON, instead dropped: JSON) {}
  package func gracePeriod(of object: JSON, requested: Int64?) -> Int64 { 0 }
  package func markTerminating(_ object: inout JSON) {}
  package func isHeld(_ object: JSON) -> Bool { false }
}

/// For kinds without particulars.
struct PlainStrategy: ResourceStrategy {
  var tracksGeneration = false
  var allowsUnconditionalUpdate = true
  var allowsCreateOnUpdate = false
  var returnsDeletedObject = false
}
