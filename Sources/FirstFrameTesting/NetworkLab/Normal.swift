internal import Glibc

/// Distributions out of uniform numbers in 0..<1.
enum Normal {
  /// Mean 0, deviation 1 (Box–Muller).
  static func of(_ pair: (Double, Double)) -> Double { (-2 * log(1 - pair.0)).squareRoot() * cos(2 * Double.pi * pair.1) }
  /// Mean 1.
  static func exponential(_ uniform: Double) -> Double { -log(1 - uniform) }
}
