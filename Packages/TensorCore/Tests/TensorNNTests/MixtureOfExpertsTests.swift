import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import Testing

/// Every mode against plain loops in `Double`, and their central differences.
@Suite struct MixtureOfExpertsTests {
    struct Mode: Sendable, CustomTestStringConvertible {
        var experts: Int
        var perToken: Int
        var shared: Int
        var normalizes: Bool
        var loss: MixtureOfExperts.AuxiliaryLoss
        var testDescription: String { "\(perToken) of \(experts), \(shared) shared, \(normalizes), \(loss)" }
    }

    static let losses: [MixtureOfExperts.AuxiliaryLoss] = [.none, .perSequence(0.3), .perBatch(0.3), .perSlot(0.3)]

    static let modes: [Mode] =
        losses.flatMap { loss in
            [true, false].map { Mode(experts: 4, perToken: 2, shared: 1, normalizes: $0, loss: loss) }
        }
        + [(1, 1, 0), (4, 1, 0), (5, 3, 2), (3, 3, 0)].enumerated().map { index, sizes in
            Mode(
                experts: sizes.0, perToken: sizes.1, shared: sizes.2, normalizes: index % 2 == 0,
                loss: losses[3 - index])
        }

    static let (batch, tokens, width, inner) = (2, 4, 6, 4)

    @Test(arguments: modes)
    func outputsLossesAndGradientsAreThoseOfPlainLoops(mode: Mode) throws {
        var generator = PhiloxGenerator(seed: 11)
        let module = MixtureOfExperts(
            hiddenSize: Self.width, intermediateSize: Self.inner, expertCount: mode.experts,
            expertsPerToken: mode.perToken, sharedExpertCount: mode.shared, normalizesWeights: mode.normalizes,
            auxiliaryLoss: mode.loss, initialization: .normal(standardDeviation: 0.7), using: &generator)
        let x = Tensor.uniform(-1...1, [Self.batch, Self.tokens, Self.width], using: &generator)
        let weight = Tensor.uniform(-1...1, x.shape, using: &generator)

        // a loss that sees every output and the auxiliary one
        let (_, parts, gradients) = valueAndGradient(of: module) { module -> (Tensor, (Tensor, Tensor)) in
            let (y, loss) = module(x)
            return ((y * weight).sum() + loss, (y.detached, loss.detached))
        }
        var values = module.parameters.mapValues { $0.floats.map(Double.init) }
        let input = x.floats.map(Double.init)
        let choices = Plain(mode, values).choices(of: input)
        let (y, loss) = Plain(mode, values).run(input, choices)
        expectClose(parts.0, Tensor(y.map(Float.init), x.shape), within: .reduction, "output")
        expectClose(parts.1.reshaped([1]), Tensor([Float(loss)], [1]), within: .reduction, "auxiliary loss")

        // the choices themselves have no gradient
        func scalar() -> Double {
            let (y, loss) = Plain(mode, values).run(input, choices)
            return zip(y, weight.floats).reduce(loss) { $0 + $1.0 * Double($1.1) }
        }
        for name in module.parameters.keys.sorted() {
            let count = values[name]!.count
            // the router's whole, of the others every eleventh
            let places = Array(stride(from: 0, to: count, by: name == "gate.weight" ? 1 : 11))
            var expected: [Float] = []
            for index in places {
                let value = values[name]![index]
                values[name]![index] = value + 1e-5
                let above = scalar()
                values[name]![index] = value - 1e-5
                expected.append(Float((above - scalar()) / 2e-5))
                values[name]![index] = value
            }
            let found = gradients[name]?.floats ?? [Float](repeating: 0, count: count)
            expectClose(
                Tensor(places.map { found[$0] }, [places.count]), Tensor(expected, [places.count]), within: .gradient,
                name)
        }
    }

    /// The equations, a number at a time.
    struct Plain {
        let mode: Mode
        let values: [String: [Double]]

        init(_ mode: Mode, _ values: [String: [Double]]) { (self.mode, self.values) = (mode, values) }

        private func product(_ name: String, _ x: [Double]) -> [Double] {
            let weight = values[name]!
            return (0..<weight.count / x.count).map { row in
                x.indices.reduce(0) { $0 + weight[row * x.count + $1] * x[$1] }
            }
        }

        private func mlp(_ name: String, _ x: [Double]) -> [Double] {
            let gate = product(name + ".gate_proj.weight", x).map { $0 / (1 + Plain.exponential(-$0)) }
            return product(name + ".down_proj.weight", zip(gate, product(name + ".up_proj.weight", x)).map(*))
        }

        private func probabilities(_ x: [Double]) -> [Double] {
            let powers = product("gate.weight", x).map(Plain.exponential)
            let sum = powers.reduce(0, +)
            return powers.map { $0 / sum }
        }

        private func rows(_ x: [Double]) -> [[Double]] {
            stride(from: 0, to: x.count, by: width).map { Array(x[$0..<$0 + width]) }
        }

        /// Experts of each token, the most probable first.
        func choices(of x: [Double]) -> [[Int]] {
            rows(x).map { row in
                let p = probabilities(row)
                return Array(p.indices.sorted { p[$0] > p[$1] }.prefix(mode.perToken))
            }
        }

        func run(_ x: [Double], _ choices: [[Int]]) -> (output: [Double], loss: Double) {
            var output: [Double] = []
            let rows = rows(x)
            let probabilities = rows.map(probabilities)
            for (token, row) in rows.enumerated() {
                var y = [Double](repeating: 0, count: width)
                let sum = choices[token].reduce(0) { $0 + probabilities[token][$1] }
                for expert in choices[token] {
                    let share = probabilities[token][expert] / (mode.normalizes ? sum + 1e-20 : 1)
                    for (index, value) in mlp("experts.\(expert)", row).enumerated() {
                        y[index] += share * value
                    }
                }
                for expert in 0..<mode.shared {
                    for (index, value) in mlp("shared_experts.\(expert)", row).enumerated() {
                        y[index] += value
                    }
                }
                output += y
            }
            return (output, loss(probabilities, choices))
        }

        private func loss(_ p: [[Double]], _ choices: [[Int]]) -> Double {
            let (count, k) = (Double(mode.experts), Double(mode.perToken))
            func mean(_ expert: Int, _ tokens: Range<Int>) -> Double {
                tokens.reduce(0) { $0 + p[$1][expert] } / Double(tokens.count)
            }
            func times(_ expert: Int, _ tokens: Range<Int>) -> Double {
                Double(tokens.reduce(0) { $0 + choices[$1].count { $0 == expert } })
            }
            let all = 0..<batch * tokens
            switch mode.loss {
            case .none: return 0
            case .perSequence(let alpha):
                let losses = (0..<batch).map { sequence -> Double in
                    let part = sequence * tokens..<(sequence + 1) * tokens
                    return (0..<mode.experts).reduce(0) {
                        $0 + times($1, part) * count / (Double(tokens) * k) * mean($1, part)
                    }
                }
                return Double(alpha) * losses.reduce(0, +) / Double(batch)
            case .perBatch(let alpha):
                return Double(alpha)
                    * (0..<mode.experts).reduce(0) {
                        $0 + count * times($1, all) / (Double(all.count) * k) * mean($1, all)
                    }
            case .perSlot(let coefficient):
                // the load of each slot by itself
                var sum = 0.0
                for slot in 0..<mode.perToken {
                    for expert in 0..<mode.experts {
                        let load = Double(all.count { choices[$0][slot] == expert }) / Double(all.count)
                        sum += load * mean(expert, all)
                    }
                }
                return Double(coefficient) * count * sum
            }
        }

        private var batch: Int { MixtureOfExpertsTests.batch }
        private var tokens: Int { MixtureOfExpertsTests.tokens }
        private var width: Int { MixtureOfExpertsTests.width }
        private static func exponential(_ x: Double) -> Double { exp(x) }
    }
}
