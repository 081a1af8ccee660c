/// What one line of a picture shows.
struct Curve: Sendable {
  /// Its colour and manner, by the name of a class in the picture's style sheet.
  enum Ink: String, Sendable {
    case median, tail, programming, ratio, others
  }

  struct Point: Sendable {
    let services: Double
    let value: Double
    let text: String
  }

  /// On which side of its points the values stand.
  enum Side: Sendable {
    case above, below
    /// Below where the curve is lowest, else above.
    case outside
  }

  let name: String
  let ink: Ink
  let points: [Point]
  var side = Side.above
  /// Where the name stands: behind the last point, or before it.
  var isNamedBehind = true

  func isBelow(_ index: Int) -> Bool {
    switch side {
    case .above: false
    case .below: true
    case .outside: points[index].value == points.map(\.value).min()
    }
  }
}
