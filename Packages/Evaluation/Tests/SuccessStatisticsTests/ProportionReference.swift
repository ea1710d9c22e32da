/// Numbers of scipy 1.17.1 and statsmodels 0.15.0 (NumPy 2.4.6, Python 3.11).
enum ProportionReference {
    /// `proportion_confint(successes, trials, 1 - confidence, method)` with the methods `wilson` and `beta`.
    struct Proportion: Sendable {
        let successes, trials: Int
        let confidence, wilsonLower, wilsonUpper, exactLower, exactUpper: Double

        init(_ k: Int, _ n: Int, _ c: Double, _ wl: Double, _ wu: Double, _ el: Double, _ eu: Double) {
            (successes, trials, confidence) = (k, n, c)
            (wilsonLower, wilsonUpper, exactLower, exactUpper) = (wl, wu, el, eu)
        }
    }

    /// `mcnemar(table, exact=True).pvalue`; the interval at 95 percent by Brent's method on Tango's statistic, where the
    /// likelihood under a given difference was maximized numerically (`minimize_scalar`, good to 1e-8).
    struct Pairs: Sendable {
        let both, onlyFirst, onlySecond, neither: Int
        let pValue, lower, upper: Double

        init(_ a: Int, _ b: Int, _ c: Int, _ d: Int, _ p: Double, _ l: Double, _ u: Double) {
            (both, onlyFirst, onlySecond, neither) = (a, b, c, d)
            (pValue, lower, upper) = (p, l, u)
        }
    }

    static let proportions: [Proportion] = [
        .init(0, 1, 0.95, 0.0, 0.7934506856227626, 0.0, 0.975),
        .init(1, 1, 0.95, 0.20654931437723745, 1.0, 0.025000000000000022, 1.0),
        .init(0, 10, 0.95, 0.0, 0.2775327998628892, 0.0, 0.3084971078187607),
        .init(10, 10, 0.95, 0.7224672001371107, 0.9999999999999999, 0.6915028921812392, 1.0),
        .init(1, 10, 0.95, 0.017876213095072896, 0.4041500267952385, 0.0025285785444617865, 0.4450161170281954),
        .init(5, 10, 0.9, 0.26927182113826714, 0.7307281788617328, 0.22244110100812936, 0.7775588989918707),
        .init(2, 2, 0.95, 0.34238022750665303, 1.0, 0.15811388300841903, 1.0),
        .init(0, 50, 0.95, 6.938893903907228e-18, 0.07134759913335872, 0.0, 0.07112173646419764),
        .init(37, 50, 0.95, 0.6044684273515117, 0.8412847250644762, 0.5965523212719344, 0.8536994156034454),
        .init(49, 50, 0.99, 0.8498864725659105, 0.9976475193851666, 0.8605958754389278, 0.9998997541884763),
        .init(423, 500, 0.95, 0.811734636678946, 0.8749893197216598, 0.8113275353175808, 0.8765140424932102),
        .init(1, 500, 0.95, 0.00035313639455927456, 0.011240706705146758, 5.063433400741526e-05, 0.011092476898968787),
        .init(499, 500, 0.999, 0.9750455516036225, 0.9998431055085562, 0.9801816024907353, 0.9999989997504168),
        .init(850, 1_000, 0.95, 0.8265313415731996, 0.8707899274869118, 0.826341871432964, 0.8715751888838272),
        .init(65_000, 100_000, 0.95, 0.647038055306537, 0.6529504207596882, 0.647034449003812, 0.6529568487293322),
    ]

    static let pairs: [Pairs] = [
        .init(36, 12, 2, 0, 0.012939453125, 0.06111240685786494, 0.34470874764986986),
        .init(20, 0, 0, 5, 1.0, -0.1331922509391425, 0.1331922509391425),
        .init(10, 5, 0, 5, 0.0625, 0.04859355317216085, 0.468700877618744),
        .init(0, 10, 0, 0, 0.001953125, 0.4449344002742215, 1.0),
        .init(40, 3, 3, 4, 1.0, -0.1141986608896394, 0.11419866133017367),
        .init(300, 70, 45, 85, 0.024793536339643683, 0.008073818934206958, 0.09241296527637849),
        .init(0, 0, 10, 0, 0.001953125, -1.0, -0.44493440027422154),
        .init(0, 7, 7, 0, 1.0, -0.4640159509517273, 0.4640159509517273),
    ]
}
