import Glibc

/// An axis on which equal factors are equally long.
struct LogAxis: Sendable {
  struct Tick: Sendable {
    let value: Double
    let text: String
  }

  let ticks: [Tick]
  /// The value and the place of either end.
  let values: (first: Double, last: Double)
  let places: (first: Double, last: Double)

  func place(of value: Double) -> Double {
    let share = log(value / values.first) / log(values.last / values.first)
    return places.first + share * (places.last - places.first)
  }
}
