import CTensorKernels
import TensorCore
import TensorTestSupport
import Testing

@Suite struct ReductionKernelTests {
    /// Sums are in double: the tolerance is that of Float results though no Float is involved.
    @Test(arguments: KernelVariants.names)
    func sumsMatchReference(variant: String) {
        let table = KernelVariants.table(variant)
        for count in remainderLengths + [100_003] {
            let (a, b) = (randomFloats(count, in: 0.1...3, seed: 20), randomFloats(count, in: 0.1...3, seed: 21))
            var (sum, squares, product) = (-1.0, -1.0, -1.0)
            _ = callOffAlignment([a, b], outputs: []) { input, _ in
                table.sum(input[0], count, &sum)
                table.sum_of_squares(input[0], count, &squares)
                table.dot(input[0], input[1], count, &product)
            }
            let close = Tolerance(relative: 1e-12, absolute: 0)
            expectClose(sum, TensorCore.sum(of: a.span), within: close, "sum of \(count)")
            expectClose(squares, dotProduct(a.span, a.span), within: close, "sum_of_squares of \(count)")
            expectClose(product, dotProduct(a.span, b.span), within: close, "dot of \(count)")
        }
    }

    @Test func variantsAddInTheSameOrder() {
        for count in remainderLengths {
            let (a, b) = (randomFloats(count, seed: 22), randomFloats(count, seed: 23))
            let results = KernelVariants.names.map { name in
                let table = KernelVariants.table(name)
                var (sum, product) = (0.0, 0.0)
                _ = callOffAlignment([a, b], outputs: []) { input, _ in
                    table.sum(input[0], count, &sum)
                    table.dot(input[0], input[1], count, &product)
                }
                return [sum, product]
            }
            #expect(results.allSatisfy { $0 == results[0] }, "\(count) values: \(results)")
        }
    }

    @Test(arguments: KernelVariants.names)
    func specialValuesReachTheSum(variant: String) {
        let table = KernelVariants.table(variant)
        for place in [0, 5, 16, 39] {
            for special: Float in [.nan, .infinity] {
                var x = randomFloats(40, seed: 24)
                x[place] = special
                var result = 0.0
                table.sum(x, 40, &result)
                #expect(special.isNaN ? result.isNaN : result == .infinity)
            }
        }
    }

    @Test(arguments: KernelVariants.names)
    func maximumMatchesReference(variant: String) {
        let table = KernelVariants.table(variant)
        for count in remainderLengths where count > 0 {
            for place in [0, count / 2, count - 1] {
                for special: Float in [7, .infinity, .nan, -1] {
                    var x = randomFloats(count, in: -5...(-2), seed: count)
                    x[place] = special
                    var result: Float = 0
                    _ = callOffAlignment([x], outputs: []) { input, _ in
                        table.maximum_value(input[0], count, &result)
                    }
                    expectCloseFloats(
                        [result], [maximumValue(of: x.span)], within: .exact, "\(special) at \(place) of \(count)")
                }
            }
        }
    }

    @Test(arguments: KernelVariants.names)
    func nonFiniteValuesAreFoundAnywhere(variant: String) {
        let table = KernelVariants.table(variant)
        for count in remainderLengths + [9000] {
            var x = randomFloats(count, seed: 25)
            if count > 2 { x[count / 3] = .greatestFiniteMagnitude }
            var result = false
            table.all_finite(x, count, &result)
            #expect(result && allFinite(x.span))
            for place in Set([0, count / 2, count - 1]) where count > 0 {
                for special: Float in [.nan, .infinity, -.infinity] {
                    var bad = x
                    bad[place] = special
                    table.all_finite(bad, count, &result)
                    #expect(!result && !allFinite(bad.span), "\(special) at \(place) of \(count)")
                }
            }
        }
    }

    @Test(arguments: KernelVariants.names)
    func columnSumsAndBiasMatchReference(variant: String) {
        let table = KernelVariants.table(variant)
        for (rows, columns) in matrixSizes + [(257, 67)] {
            let x = randomFloats(rows * columns, seed: 26)
            let bias = randomFloats(columns, seed: 27)

            var sums = bias
            var output = sums.mutableSpan
            addColumnSums(of: x.span, to: &output)
            let found = callOffAlignment([x], outputs: [bias]) { table.add_column_sums($0[0], rows, columns, $1[0]) }[0]
            expectCloseFloats(found, sums, within: .reduction, "column sums of \(rows) × \(columns)")

            var shifted = x
            output = shifted.mutableSpan
            addBias(x.span, bias: bias.span, into: &output)
            let inPlace = callOffAlignment([bias], outputs: [x]) { table.add_bias($1[0], $0[0], $1[0], rows, columns) }[
                0]
            expectCloseFloats(inPlace, shifted, within: .exact, "bias of \(rows) × \(columns)")
        }
    }
}
