import Foundation
import Testing

@testable import SuccessStatistics

@Suite struct SpecialFunctionsTests {
    /// `scipy.stats.norm.ppf`, scipy 1.17.1
    @Test(arguments: [
        (0.5, 0), (0.9, 1.2815515655446004), (0.975, 1.959963984540054), (0.995, 2.5758293035489004),
        (0.9995, 3.2905267314919255), (1e-10, -6.361340902404056), (1e-300, -37.0470962993612),
    ])
    func normalQuantilesMatchSciPy(probability: Double, expected: Double) {
        #expect(abs(SpecialFunctions.normalQuantile(probability) - expected) <= 1e-14 * max(1, abs(expected)))
    }

    @Test func normalQuantileEndsAtInfinity() {
        #expect(SpecialFunctions.normalQuantile(0) == -.infinity)
        #expect(SpecialFunctions.normalQuantile(1) == .infinity)
    }

    @Test func logGammaOfIntegersIsTheLogOfTheFactorial() {
        var factorial = 0.0
        for n in 1...170 {
            #expect(abs(SpecialFunctions.logGamma(Double(n)) - factorial) <= 1e-14 * max(1, factorial))
            factorial += log(Double(n))
        }
        #expect(abs(SpecialFunctions.logGamma(0.5) - log(Double.pi) / 2) < 1e-14)
    }

    @Test func incompleteBetaHasItsClosedForms() {
        for x in [0, 0.01, 0.3, 0.5, 0.77, 0.999, 1] {
            #expect(abs(SpecialFunctions.incompleteBeta(x, 1, 1) - x) < 1e-13)
            #expect(abs(SpecialFunctions.incompleteBeta(x, 3, 1) - x * x * x) < 1e-13)
            #expect(abs(SpecialFunctions.incompleteBeta(x, 1, 2) - (1 - (1 - x) * (1 - x))) < 1e-13)
            // arcsine distribution
            let arcsine = 2 / Double.pi * asin(x.squareRoot())
            #expect(abs(SpecialFunctions.incompleteBeta(x, 0.5, 0.5) - arcsine) < 1e-13)
        }
    }

    @Test(arguments: [(1.0, 1.0), (2, 5), (0.5, 0.5), (400, 100), (50_000, 3)])
    func betaQuantileInvertsTheDistribution(a: Double, b: Double) {
        for probability in [1e-6, 0.025, 0.5, 0.975] {
            let x = SpecialFunctions.betaQuantile(probability, a, b)
            #expect(abs(SpecialFunctions.incompleteBeta(x, a, b) - probability) < 1e-10)
        }
    }
}
