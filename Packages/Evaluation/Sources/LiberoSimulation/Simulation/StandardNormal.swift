import Foundation

extension RandomNumberGenerator {
    /// A standard normal, by Box and Muller.
    mutating func normal() -> Double {
        let u = Double.random(in: .leastNormalMagnitude..<1, using: &self)
        let v = Double.random(in: 0..<1, using: &self)
        return (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
    }
}
