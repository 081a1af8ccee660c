import APIServer
import Testing

@Suite struct ServiceAccountTokenTests {
  private let tokens = ServiceAccountTokens(key: TokenSigningKey(), issuer: "https://issuer.example")

  private var token: ServiceAccountToken {
    var token = ServiceAccountToken(
      namespace: "shop", serviceAccount: .init(name: "web", uid: "u1"), audiences: ["api"], issuedAt: 1_000,
      expiresAt: 2_000, identifier: "t1")
    token.pod = .init(name: "web-1", uid: "u2")
    return token
  }

  @Test func aSignedTokenIsReadAgain() throws {
    let text = try tokens.sign(token)
    #expect(try tokens.read(text, now: 1_500, audiences: ["other", "api"]) == token)
  }

  @Test(arguments: [
    (Int64(2_000), ["api"], ServiceAccountTokens.Refusal.expired), (999, ["api"], .notYetValid),
    (1_500, ["vault"], .wrongAudience), (1_500, [], .wrongAudience),
  ])
  func aTokenIsHeldToItsTimeAndAudience(
    now: Int64, audiences: [String], refusal: ServiceAccountTokens.Refusal
  ) throws {
    let text = try tokens.sign(token)
    #expect(throws: refusal) { try tokens.read(text, now: now, audiences: audiences) }
  }

  @Test func aTokenThatWasGoodOnceIsHeldToItsTimeAndAudienceStill() throws {
    let text = try tokens.sign(token)
    #expect(try tokens.read(text, now: 1_500, audiences: ["api"]) == token)
    #expect(throws: ServiceAccountTokens.Refusal.expired) { try tokens.read(text, now: 2_000, audiences: ["api"]) }
    #expect(throws: ServiceAccountTokens.Refusal.notYetValid) { try tokens.read(text, now: 999, audiences: ["api"]) }
    #expect(throws: ServiceAccountTokens.Refusal.wrongAudience) {
      try tokens.read(text, now: 1_500, audiences: ["vault"])
    }
    #expect(throws: ServiceAccountTokens.Refusal.foreign) {
      try tokens.read(text + "A", now: 1_500, audiences: ["api"])
    }
  }

  @Test func aChangedTokenIsForeign() throws {
    var parts = try tokens.sign(token).split(separator: ".").map(String.init)
    parts[1] = String(parts[1].reversed())
    let changed = parts.joined(separator: ".")
    #expect(throws: ServiceAccountTokens.Refusal.foreign) {
      try tokens.read(changed, now: 1_500, audiences: ["api"])
    }
  }

  @Test func anotherKeysTokenIsForeign() throws {
    let text = try ServiceAccountTokens(key: TokenSigningKey(), issuer: tokens.issuer).sign(token)
    #expect(throws: ServiceAccountTokens.Refusal.foreign) { try tokens.read(text, now: 1_500, audiences: ["api"]) }
  }

  @Test(arguments: ["", "a", "a.b", "a.b.c", "..", "e30.e30.e30"]) func otherTextIsForeign(text: String) {
    #expect(throws: ServiceAccountTokens.Refusal.foreign) { try tokens.read(text, now: 0, audiences: ["api"]) }
  }
}
