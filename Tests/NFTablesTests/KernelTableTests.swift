import LinuxKernel
import NFTables
import NetworkTypes
import SwitchboardTesting
import Testing

@Suite(.serialized) struct KernelTableTests {
  let namespace: NetworkNamespace
  let connection: NFTConnection
  let table = Table(.ipv4, "switchboard-test")

  init() throws {
    namespace = try .create()
    connection = try NFTConnection(in: namespace)
  }

  /// What the `nft` command makes of our table.
  private func listing() throws -> String { try namespace.command("nft", "-n", "list", "ruleset") }

  private var map: NamedSet { NamedSet("pairs", key: [.ipv4Address, .port], value: .fields([.mark])) }

  private func element(_ last: UInt8, _ port: UInt16, _ value: UInt32) -> SetElement {
    var key = RegisterWords()
    key.append(.init(v4: 10, 0, 0, last))
    key.append(port: port)
    return SetElement(key, RegisterWords(value))
  }

  @Test func tableOutlivesTheConnectionThatMadeIt() throws {
    try NFTConnection(in: namespace).commit(NFTTransaction(table, [.addTable, .addSet(map)]))
    #expect(try connection.holds(table))
    #expect(try !connection.holds(Table(.ipv4, "another")))
  }

  @Test func elementsComeBackAsTheyWereWritten() throws {
    let elements = (0..<2000).map { element(UInt8($0 % 250), UInt16($0), UInt32($0)) }
    var transaction = NFTTransaction(table, [.addTable, .addSet(map)])
    transaction.add(elements, to: "pairs")
    try connection.commit(transaction)
    #expect(Set(try connection.elements(of: "pairs", in: table)) == Set(elements))
    try connection.commit(NFTTransaction(table, [.deleteElements(set: "pairs", Array(elements.prefix(1500)))]))
    #expect(Set(try connection.elements(of: "pairs", in: table)) == Set(elements.suffix(500)))
    try connection.commit(NFTTransaction(table, [.flushSet("pairs")]))
    #expect(try connection.elements(of: "pairs", in: table).isEmpty)
  }

  @Test func nftListsWhatWasWritten() throws {
    var transaction = NFTTransaction(
      table,
      [
        .addTable, .addSet(map), .addChain(Chain("in", base: .init(.filter, .input, priority: 0))),
        .addChain(Chain("more")),
        .addRule(
          chain: "in",
          Rule("a comment", [.meta(.transportProtocol, into: Register(0)), .counter, .verdict(.jump("more"))])),
      ])
    transaction.add([element(1, 80, 7)], to: "pairs")
    try connection.commit(transaction)
    let text = try listing()
    #expect(text.contains("table ip switchboard-test"))
    #expect(text.contains("type ipv4_addr . inet_service : mark"))
    #expect(text.contains("10.0.0.1 . 80 : 0x"))
    #expect(text.contains("type filter hook input priority 0; policy accept;"))
    #expect(text.contains("jump more comment \"a comment\""))
    #expect(Set(try connection.chains(of: table)) == ["in", "more"])
    #expect(try connection.ruleCounts(of: table) == ["in": 1])
  }

  @Test func valueChangesByDeletionAndAdditionInOneTransaction() throws {
    var transaction = NFTTransaction(table, [.addTable, .addSet(map)])
    transaction.add([element(1, 80, 7)], to: "pairs")
    try connection.commit(transaction)
    let error = #expect(throws: NFTablesError.self) {
      try connection.commit(NFTTransaction(table, [.addElements(set: "pairs", [element(1, 80, 8)])]))
    }
    #expect(error?.code == .refused(errno: 17))
    #expect(error?.isConflict == true)
    #expect(error?.message.contains("add 1 elements to pairs") == true)
    try connection.commit(
      NFTTransaction(
        table,
        [
          .deleteElements(set: "pairs", [element(1, 80, 7)]), .addElements(set: "pairs", [element(1, 80, 8)]),
        ]))
    #expect(try connection.elements(of: "pairs", in: table) == [element(1, 80, 8)])
  }

  @Test func refusedStepLeavesNothingOfItsTransaction() throws {
    try connection.commit(NFTTransaction(table, [.addTable, .addSet(map)]))
    let error = #expect(throws: NFTablesError.self) {
      try connection.commit(
        NFTTransaction(
          table,
          [
            .addElements(set: "pairs", [element(1, 80, 7)]),
            .addRule(chain: "missing", Rule("", [.counter])),
            .addElements(set: "pairs", [element(2, 80, 7)]),
          ]))
    }
    #expect(error?.code == .refused(errno: 2))
    #expect(error?.message.contains("add rule to chain missing") == true)
    #expect(try connection.elements(of: "pairs", in: table).isEmpty)
  }

  @Test func missingSetIsAnErrorOfItsOwn() throws {
    try connection.commit(NFTTransaction(table, [.addTable]))
    let error = #expect(throws: NFTablesError.self) { try connection.elements(of: "pairs", in: table) }
    #expect(error?.code == .refused(errno: 2))
  }

  @Test func verdictsComeBack() throws {
    let verdicts = NamedSet("cls", key: [.mark], value: .verdict)
    let elements = [
      SetElement(RegisterWords(1), .verdict(.goto("one"))), SetElement(RegisterWords(2), .verdict(.drop)),
    ]
    try connection.commit(
      NFTTransaction(
        table, [.addTable, .addChain(Chain("one")), .addSet(verdicts), .addElements(set: "cls", elements)]))
    #expect(Set(try connection.elements(of: "cls", in: table)) == Set(elements))
  }
}
