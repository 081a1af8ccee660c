import JSONTree

extension StrategicMergePatch {
  /// Merges a list whose strategy is `merge`: objects by their merge key, primitives as a set.
  static func mergeList(
    _ patch: [JSON], into original: [JSON], _ field: PatchField, isDeletion: Bool
  ) throws(KubernetesAPIError) -> [JSON] {
    guard let sample = original.first ?? patch.first else { return original }
    for element in original + patch {
      guard element.array == nil else { throw .inapplicable("lists of lists are not supported") }
      guard element.typeName == sample.typeName else {
        throw .inapplicable(
          "list element types are not identical: [\(JSON.array(original)) \(JSON.array(patch))]")
      }
    }
    guard sample.object != nil else {
      if isDeletion { return original.filter { !patch.contains($0) } }
      var merged: [JSON] = []
      for element in original + patch where !merged.contains(element) { merged.append(element) }
      return try ElementOrder(mergeKey: nil).arranged(merged, by: patch, thenAs: original)
    }
    guard let mergeKey = field.mergeKey else {
      throw .inapplicable(
        "cannot merge lists without merge key for type \(field.child?.patchTypeName ?? "map")")
    }
    return try mergeObjects(patch, into: original, key: mergeKey, field.child)
  }

  private static func mergeObjects(
    _ patch: [JSON], into original: [JSON], key: String, _ schema: (any PatchSchema)?
  ) throws(KubernetesAPIError) -> [JSON] {
    let identity = ElementOrder(mergeKey: key)
    var kept = original
    var changes: [JSON] = []
    var isReplaced = false
    for element in patch {
      switch element[marker] {
      case nil: changes.append(element)
      case "delete"?:
        let deleted = try identity.key(of: element)
        kept.removeAll { $0.object?[key] == deleted }
      case "replace"?: isReplaced = true
      case "merge"?: throw .inapplicable("merging lists cannot yet be specified in the patch")
      case let directive?: throw .unknownDirective(directive, element.object ?? [:])
      }
    }
    if isReplaced { return changes.map(\.withoutDirectives) }
    var merged = kept
    for change in changes {
      let wanted = try identity.key(of: change)
      if let index = merged.firstIndex(where: { $0.object?[key] == wanted }) {
        merged[index] = .object(
          try merge(change.object ?? [:], into: merged[index].object ?? [:], schema))
      } else {
        merged.append(change.withoutDirectives)
      }
    }
    return try identity.arranged(merged, by: changes, thenAs: kept)
  }
}

/// Tells list elements apart, by a member or by their value, and puts them in order.
struct ElementOrder {
  let mergeKey: String?

  func key(of element: JSON) throws(KubernetesAPIError) -> JSON {
    guard let mergeKey else { return element }
    guard case .object(let object) = element else {
      throw .inapplicable("expected a map[string]interface {}, but received a \(element.typeName)")
    }
    guard let key = object[mergeKey] else {
      throw .inapplicable("map: \(element) does not contain declared merge key: \(mergeKey)")
    }
    return key
  }

  /// Elements that `order` names come in its order. The others keep the order they have in `former`, and each goes
  /// before the first named element that stood behind it there.
  func arranged(
    _ elements: [JSON], by order: [JSON], thenAs former: [JSON]
  ) throws(KubernetesAPIError) -> [JSON] {
    let places = try self.places(in: order)
    let formerPlaces = try self.places(in: former)
    var named: [(place: Int, former: Int?, element: JSON)] = []
    var others: [(place: Int, former: Int?, element: JSON)] = []
    for element in elements {
      let key = try self.key(of: element)
      if let place = places[key] {
        named.append((place, formerPlaces[key], element))
      } else {
        others.append((formerPlaces[key] ?? .max, formerPlaces[key], element))
      }
    }
    // Sorted by place; equal places keep their order because the sort is stable over the enumerated index.
    let byPlace = { (list: [(place: Int, former: Int?, element: JSON)]) in
      list.enumerated().sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }.map(\.element)
    }
    named = byPlace(named)
    others = byPlace(others)
    var result: [JSON] = []
    result.reserveCapacity(elements.count)
    var next = 0
    for item in named {
      while next < others.count, let left = others[next].former, let right = item.former, left < right {
        result.append(others[next].element)
        next += 1
      }
      result.append(item.element)
    }
    return result + others[next...].map(\.element)
  }

  private func places(in list: [JSON]) throws(KubernetesAPIError) -> [JSON: Int] {
    var places: [JSON: Int] = [:]
    for (index, element) in list.enumerated() {
      let key = try self.key(of: element)
      if places[key] == nil { places[key] = index }
    }
    return places
  }
}
