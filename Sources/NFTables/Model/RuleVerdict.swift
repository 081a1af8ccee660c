/// What a rule says about a packet, in `nft`'s words.
package enum RuleVerdict: Hashable, Sendable {
  case accept
  case drop
  case jump(String)
  case goto(String)
  case `return`

  /// `NF_*` of `linux/netfilter.h`, `NFT_*` of `linux/netfilter/nf_tables.h`.
  package var code: Int32 {
    switch self {
    case .drop: 0
    case .accept: 1
    case .jump: -3
    case .goto: -4
    case .return: -5
    }
  }

  /// The chain a jump or goto leads to.
  package var chain: String? {
    switch self {
    case .jump(let chain), .goto(let chain): chain
    default: nil
    }
  }

  init?(code: Int32, chain: String?) {
    switch (code, chain) {
    case (0, _): self = .drop
    case (1, _): self = .accept
    case (-3, let chain?): self = .jump(chain)
    case (-4, let chain?): self = .goto(chain)
    case (-5, _): self = .return
    default: return nil
    }
  }
}
