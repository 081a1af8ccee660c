/// Random numbers that come the same way again for the same seed (splitmix64).
package struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  package mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

  /// True in `share` of a hundred draws.
  package mutating func chance(_ share: Int) -> Bool { below(100) < share }

  /// One of the choices, each as likely as the others.
  package mutating func pick<Choices: Collection>(_ choices: Choices) -> Choices.Element {
    choices[choices.index(choices.startIndex, offsetBy: below(choices.count))]
  }

  /// As many draws as `count` says.
  package mutating func several<Element>(
    _ count: ClosedRange<Int>, _ draw: (inout SeededRandom) -> Element
  ) -> [Element] {
    (0..<Int.random(in: count, using: &self)).map { _ in draw(&self) }
  }
}
