/// Message and attribute numbers of `linux/netfilter/nf_tables.h` and `nfnetlink.h`, under the names the headers use.
enum Wire {
  static let subsystem: UInt16 = 10  // NFNL_SUBSYS_NFTABLES
  static let batchBegin: UInt16 = 0x10
  static let batchEnd: UInt16 = 0x11

  enum Message: UInt16 {
    case newTable = 0
    case getTable = 1
    case deleteTable = 2
    case newChain = 3
    case getChain = 4
    case deleteChain = 5
    case newRule = 6
    case getRule = 7
    case deleteRule = 8
    case newSet = 9
    case getSet = 10
    case deleteSet = 11
    case newElement = 12
    case getElement = 13
    case deleteElement = 14

    var type: UInt16 { Wire.subsystem << 8 | rawValue }
  }

  enum TableAttribute {
    static let name: UInt16 = 1
  }

  enum ChainAttribute {
    static let table: UInt16 = 1
    static let name: UInt16 = 3
    static let hook: UInt16 = 4
    static let policy: UInt16 = 5
    static let type: UInt16 = 7
    static let hookNumber: UInt16 = 1
    static let hookPriority: UInt16 = 2
  }

  enum RuleAttribute {
    static let table: UInt16 = 1
    static let chain: UInt16 = 2
    static let expressions: UInt16 = 4
    static let userData: UInt16 = 7
  }

  enum SetAttribute {
    static let table: UInt16 = 1
    static let name: UInt16 = 2
    static let flags: UInt16 = 3
    static let keyType: UInt16 = 4
    static let keyLength: UInt16 = 5
    static let dataType: UInt16 = 6
    static let dataLength: UInt16 = 7
    static let description: UInt16 = 9
    static let id: UInt16 = 10
    static let timeout: UInt16 = 11
    static let descriptionSize: UInt16 = 1
    static let descriptionFields: UInt16 = 2
    static let listItem: UInt16 = 1
    static let fieldLength: UInt16 = 1

    static let intervalFlag: UInt32 = 0x4
    static let concatenationFlag: UInt32 = 0x80
    static let mapFlag: UInt32 = 0x8
    static let timeoutFlag: UInt32 = 0x10
    static let dynamicFlag: UInt32 = 0x20
    /// NFT_DATA_VERDICT: the type of a verdict map's values.
    static let verdictType: UInt32 = 0xffff_ff00
  }

  enum ElementAttribute {
    static let table: UInt16 = 1
    static let set: UInt16 = 2
    static let elements: UInt16 = 3
    static let listItem: UInt16 = 1
    static let key: UInt16 = 1
    static let data: UInt16 = 2
    static let flags: UInt16 = 3
    static let keyEnd: UInt16 = 10
  }

  enum DataAttribute {
    static let value: UInt16 = 1
    static let verdict: UInt16 = 2
    static let verdictCode: UInt16 = 1
    static let verdictChain: UInt16 = 2
  }

  enum ExpressionAttribute {
    static let listItem: UInt16 = 1
    static let name: UInt16 = 1
    static let data: UInt16 = 2
  }

  /// NFT_REG_VERDICT.
  static let verdictRegister: UInt32 = 0
  /// The kernel reads an attribute's length from 16 bits; so many elements of any kind stay well below.
  static let elementsPerMessage = 400
}
