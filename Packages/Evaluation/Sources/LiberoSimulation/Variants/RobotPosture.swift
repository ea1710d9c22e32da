import TensorCore

/// The 500 postures of the arm that LIBERO-Plus begins with.
public enum RobotPosture {
    /// Where the arm begins in LIBERO, seven joints in radians.
    public static let ordinary = [0, -0.161037389, 0, -2.44459747, 0, 2.22675220, Double.pi / 4]

    /// How many there are.
    public static let count = 500

    /// A posture by its number, 1…500; 0 is ``ordinary``. Radians.
    public static func joints(_ number: Int) -> [Double] {
        precondition(0...count ~= number, "RobotPosture: number \(number) of \(count)")
        return number == 0 ? ordinary : list[number - 1]
    }

    /// Directions drawn on the sphere in seven dimensions, NumPy's generator seeded 42; the distance from ``ordinary`` is
    /// 0.1 rad for the first hundred, 0.2 for the next, and so on. Rounded to eight decimals.
    private static let list: [[Double]] = {
        var generator = NumPyGenerator(seed: 42)
        return (1...count).map { number in
            let direction = ordinary.map { _ in generator.normal() }
            let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let distance = 0.1 * Double((number + 99) / 100)
            return zip(ordinary, direction).map { ($0 + distance * $1 / length).rounded(decimals: 8) }
        }
    }()
}
