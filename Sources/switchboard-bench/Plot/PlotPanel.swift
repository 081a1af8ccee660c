/// A field with two axes and the curves in it.
struct PlotPanel: Sendable {
  let title: String
  let services: LogAxis
  let values: LogAxis
  let curves: [Curve]

  var svg: String { ([heading] + grid + curves.flatMap(draw)).joined(separator: "\n") + "\n" }

  private var heading: String {
    Self.text(title, services.places.first, values.places.last - 18, "title")
  }

  private var grid: [String] {
    let (left, right) = services.places
    let bottom = values.places.first
    return values.ticks.flatMap { tick in
      let height = values.place(of: tick.value)
      return [
        #"<path class="grid" d="M\#(Self.number(left)) \#(Self.number(height))H\#(Self.number(right))"/>"#,
        Self.text(tick.text, left - 8, height + 4, "tick end"),
      ]
    }
      + services.ticks.flatMap { tick in
        let place = services.place(of: tick.value)
        return [
          #"<path class="grid" d="M\#(Self.number(place)) \#(Self.number(bottom))v5"/>"#,
          Self.text(tick.text, place, bottom + 20, "tick middle"),
        ]
      } + [Self.text("Services with ten endpoints each", (left + right) / 2, bottom + 40, "tick middle")]
  }

  private func draw(_ curve: Curve) -> [String] {
    let ink = curve.ink.rawValue
    let places = curve.points.map { (x: services.place(of: $0.services), y: values.place(of: $0.value)) }
    let path = places.map { "\(Self.number($0.x)) \(Self.number($0.y))" }.joined(separator: "L")
    var lines = places.count > 1 ? [#"<path class="line \#(ink)" d="M\#(path)"/>"#] : []
    for (index, place) in places.enumerated() {
      lines.append(
        #"<circle class="dot \#(ink)" cx="\#(Self.number(place.x))" cy="\#(Self.number(place.y))" r="3.5"/>"#)
      let height = place.y + (curve.isBelow(index) ? 18 : -9)
      lines.append(Self.text(curve.points[index].text, place.x, height, "value middle \(ink)"))
    }
    if let last = places.last, !curve.name.isEmpty {
      lines.append(
        curve.isNamedBehind
          ? Self.text(curve.name, last.x + 12, last.y + 4, "name \(ink)")
          : Self.text(curve.name, last.x - 12, last.y + 4, "name end \(ink)"))
    }
    return lines
  }

  private static func text(_ text: String, _ x: Double, _ y: Double, _ style: String) -> String {
    #"<text class="\#(style)" x="\#(number(x))" y="\#(number(y))">\#(text)</text>"#
  }

  private static func number(_ value: Double) -> String { Figure.Unit.fixed(value, places: 1) }
}
