import Foundation

/// The orthonormal discrete cosine transform (DCT-II) of the columns of a chunk, and its inverse (DCT-III).
///
///     c_k = s_k Σ_t x_t cos(π (t + ½) k / T),   s₀ = √(1/T),  s_k = √(2/T)
///
/// Source: `scipy.fft.dct(x, axis=0, norm="ortho")`.
enum CosineTransform {
    /// `[T][D]` → `[T][D]`, coefficients of rising frequency.
    static func forward(_ rows: [[Double]]) -> [[Double]] {
        multiplied(rows) { k, t, count in basis(k, t, count) }
    }

    static func inverse(_ rows: [[Double]]) -> [[Double]] {
        multiplied(rows) { t, k, count in basis(k, t, count) }
    }

    private static func basis(_ k: Int, _ t: Int, _ count: Int) -> Double {
        (Double(k == 0 ? 1 : 2) / Double(count)).squareRoot()
            * cos(.pi * (Double(t) + 0.5) * Double(k) / Double(count))
    }

    private static func multiplied(_ rows: [[Double]], _ weight: (Int, Int, Int) -> Double) -> [[Double]] {
        let count = rows.count
        return (0..<count).map { i in
            let weights = (0..<count).map { weight(i, $0, count) }
            return rows[0].indices.map { d in
                var sum = 0.0
                for j in 0..<count { sum += weights[j] * rows[j][d] }
                return sum
            }
        }
    }
}
