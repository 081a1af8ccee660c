internal import Netlink

/// Turns a transaction into one batch of netlink messages.
struct TransactionEncoder {
  private let table: Table
  private var writer: NetlinkWriter
  /// The operation each message belongs to; `nil` for the batch's own begin and end.
  private var operationOfMessage: [NFTOperation?] = []
  private var current: NFTOperation?
  private var isLastOperation = false
  private var nextSetID: UInt32 = 1

  /// The messages to send at once, and the operation each belongs to.
  static func encode(_ transaction: NFTTransaction) -> (writer: NetlinkWriter, operations: [NFTOperation?]) {
    let operations = transaction.operations.filter { $0.elementCount != 0 }
    let elements = operations.reduce(0) { $0 + ($1.elementCount ?? 0) }
    var encoder = TransactionEncoder(
      table: transaction.table,
      writer: NetlinkWriter(reservingCapacity: 4096 + 80 * elements + 512 * operations.count))
    encoder.boundary(Wire.batchBegin)
    for (index, operation) in operations.enumerated() {
      encoder.current = operation
      encoder.isLastOperation = index == operations.count - 1
      encoder.encode(operation)
    }
    encoder.current = nil
    encoder.boundary(Wire.batchEnd)
    return (encoder.writer, encoder.operationOfMessage)
  }

  private init(table: Table, writer: NetlinkWriter) {
    self.table = table
    self.writer = writer
  }

  private mutating func boundary(_ type: UInt16) {
    writer.netfilterMessage(type, .request, family: 0, resource: Wire.subsystem) { _ in }
    operationOfMessage.append(nil)
  }

  /// The last real message asks for an acknowledgement: it comes after every error, and after the commit.
  private mutating func message(
    _ message: Wire.Message, _ flags: NetlinkFlags = [], isLastPart: Bool = true,
    _ body: (inout NetlinkWriter) -> Void
  ) {
    let flags: NetlinkFlags = [.request, flags, isLastOperation && isLastPart ? .acknowledge : []]
    writer.netfilterMessage(message.type, flags, family: table.family.rawValue, body)
    operationOfMessage.append(current)
  }

  private mutating func encode(_ operation: NFTOperation) {
    let name = table.name
    switch operation {
    case .addTable: message(.newTable, .create) { $0.string(Wire.TableAttribute.name, name) }
    case .deleteTable: message(.deleteTable) { $0.string(Wire.TableAttribute.name, name) }
    case .addChain(let chain): encode(chain)
    case .deleteChain(let chain):
      message(.deleteChain) {
        $0.string(Wire.ChainAttribute.table, name)
        $0.string(Wire.ChainAttribute.name, chain)
      }
    case .flushChain(let chain):
      message(.deleteRule) {
        $0.string(Wire.RuleAttribute.table, name)
        $0.string(Wire.RuleAttribute.chain, chain)
      }
    case .addRule(let chain, let rule): encode(rule, of: chain)
    case .addSet(let set): encode(set)
    case .deleteSet(let set):
      message(.deleteSet) {
        $0.string(Wire.SetAttribute.table, name)
        $0.string(Wire.SetAttribute.name, set)
      }
    case .addElements(let set, let elements): encode(elements, of: set, .newElement, .create)
    case .deleteElements(let set, let elements): encode(elements, of: set, .deleteElement, [])
    case .flushSet(let set):
      message(.deleteElement) {
        $0.string(Wire.ElementAttribute.table, name)
        $0.string(Wire.ElementAttribute.set, set)
      }
    }
  }

  private mutating func encode(_ chain: Chain) {
    let name = table.name
    message(.newChain, .create) { writer in
      writer.string(Wire.ChainAttribute.table, name)
      writer.string(Wire.ChainAttribute.name, chain.name)
      guard let base = chain.base else { return }
      writer.nested(Wire.ChainAttribute.hook) {
        $0.be32(Wire.ChainAttribute.hookNumber, base.hook.rawValue)
        $0.be32(Wire.ChainAttribute.hookPriority, UInt32(bitPattern: base.priority))
      }
      writer.be32(Wire.ChainAttribute.policy, base.acceptsByDefault ? 1 : 0)
      writer.string(Wire.ChainAttribute.type, base.kind.rawValue)
    }
  }

  private mutating func encode(_ rule: Rule, of chain: String) {
    let name = table.name
    message(.newRule, [.create, .append]) { writer in
      writer.string(Wire.RuleAttribute.table, name)
      writer.string(Wire.RuleAttribute.chain, chain)
      writer.nested(Wire.RuleAttribute.expressions) { writer in
        for expression in rule.expressions { expression.encode(into: &writer) }
      }
      if !rule.comment.isEmpty {
        // libnftnl's user data: type 0 (comment), length, text with its zero.
        let text = Array(rule.comment.utf8.prefix(127)) + [0]
        writer.attribute(Wire.RuleAttribute.userData, [0, UInt8(text.count)] + text)
      }
    }
  }

  private mutating func encode(_ set: NamedSet) {
    let name = table.name
    let id = nextSetID
    nextSetID += 1
    message(.newSet, .create) { writer in
      writer.string(Wire.SetAttribute.table, name)
      writer.string(Wire.SetAttribute.name, set.name)
      writer.be32(
        Wire.SetAttribute.flags,
        (set.isMap ? Wire.SetAttribute.mapFlag : 0) | (set.timeout != nil ? Wire.SetAttribute.timeoutFlag : 0)
          | (set.isDynamic ? Wire.SetAttribute.dynamicFlag : 0)
          | (set.isInterval ? Wire.SetAttribute.intervalFlag | Wire.SetAttribute.concatenationFlag : 0))
      writer.be32(Wire.SetAttribute.keyType, NamedSet.typeNumber(set.key))
      writer.be32(Wire.SetAttribute.keyLength, UInt32(4 * set.keyWords))
      switch set.value {
      case .fields(let fields):
        writer.be32(Wire.SetAttribute.dataType, NamedSet.typeNumber(fields))
        writer.be32(Wire.SetAttribute.dataLength, UInt32(4 * set.valueWords))
      case .verdict:
        writer.be32(Wire.SetAttribute.dataType, Wire.SetAttribute.verdictType)
        writer.be32(Wire.SetAttribute.dataLength, 16)
      case nil: break
      }
      if set.size > 0 || set.isInterval {
        writer.nested(Wire.SetAttribute.description) { writer in
          if set.size > 0 { writer.be32(Wire.SetAttribute.descriptionSize, set.size) }
          guard set.isInterval else { return }
          writer.nested(Wire.SetAttribute.descriptionFields) { writer in
            for field in set.key {
              writer.nested(Wire.SetAttribute.listItem) {
                $0.be32(Wire.SetAttribute.fieldLength, UInt32(field.byteCount))
              }
            }
          }
        }
      }
      writer.be32(Wire.SetAttribute.id, id)
      if let timeout = set.timeout { writer.be64(Wire.SetAttribute.timeout, timeout.wholeMilliseconds) }
    }
  }

  private mutating func encode(_ elements: [SetElement], of set: String, _ type: Wire.Message, _ flags: NetlinkFlags) {
    let name = table.name
    var start = 0
    while start < elements.count {
      let end = min(start + Wire.elementsPerMessage, elements.count)
      message(type, flags, isLastPart: end == elements.count) { writer in
        writer.string(Wire.ElementAttribute.table, name)
        writer.string(Wire.ElementAttribute.set, set)
        writer.nested(Wire.ElementAttribute.elements) { writer in
          for index in start..<end { elements[index].encode(into: &writer, withValue: type == .newElement) }
        }
      }
      start = end
    }
  }
}

extension SetElement {
  fileprivate func encode(into writer: inout NetlinkWriter, withValue: Bool) {
    writer.nested(Wire.ElementAttribute.listItem) { writer in
      writer.nested(Wire.ElementAttribute.key) { $0.words(Wire.DataAttribute.value, key) }
      if let end { writer.nested(Wire.ElementAttribute.keyEnd) { $0.words(Wire.DataAttribute.value, end) } }
      guard withValue else { return }
      switch value {
      case .words(let words): writer.nested(Wire.ElementAttribute.data) { $0.words(Wire.DataAttribute.value, words) }
      case .verdict(let verdict): writer.nested(Wire.ElementAttribute.data) { verdict.encode(into: &$0) }
      case nil: break
      }
    }
  }
}

extension NFTOperation {
  /// `nil` for operations that are not about elements.
  fileprivate var elementCount: Int? {
    switch self {
    case .addElements(_, let elements), .deleteElements(_, let elements): elements.count
    default: nil
    }
  }
}
