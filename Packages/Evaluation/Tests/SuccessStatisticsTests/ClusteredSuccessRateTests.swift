import SuccessStatistics
import TensorCore
import Testing

@Suite struct ClusteredSuccessRateTests {
    /// Two tasks of ten, one always and one never: the 20 episodes are worth one per task.
    @Test func twoOppositeTasksAreWorthTwoEpisodes() {
        let rate = ClusteredSuccessRate([
            SuccessRate(successCount: 10, trialCount: 10), SuccessRate(successCount: 0, trialCount: 10),
        ])
        // deff = 2/1 · (25 + 25) / (20 · ¼)
        #expect(abs(rate.designEffect - 20) < 1e-12 && rate.pooled.value == 0.5)
        #expect(rate.interval().upperBound - rate.interval().lowerBound > 0.97)
    }

    @Test func equalTasksCostOnlyStudentsQuantile() {
        let rate = ClusteredSuccessRate(
            [SuccessRate](repeating: SuccessRate(successCount: 8, trialCount: 10), count: 10))
        #expect(rate.designEffect == 1)
        let (clustered, wilson) = (rate.interval(), rate.pooled.wilsonInterval())
        #expect(clustered.lowerBound < wilson.lowerBound && clustered.upperBound > wilson.upperBound)
        #expect(wilson.lowerBound - clustered.lowerBound < 0.02)
    }

    @Test func oneTaskSaysNothingOfOthers() {
        #expect(ClusteredSuccessRate([SuccessRate(successCount: 9, trialCount: 10)]).interval() == 0...1)
        #expect(ClusteredSuccessRate([]).interval() == 0...1)
    }

    /// Ten tasks drawn from a population whose rates spread: the interval holds the population's mean in about 95 % of
    /// evaluations, where Wilson's, which takes episodes for independent, does not.
    @Test(arguments: [(0.6, 0.3), (0.8, 0.15)])
    func holdsThePopulationsRate(mean: Double, spread: Double) {
        var generator = PhiloxGenerator(seed: 9, stream: UInt64(mean * 100))
        var (clustered, wilson) = (0, 0)
        let runs = 400
        for _ in 0..<runs {
            let tasks = (0..<10).map { _ in
                // two-point rates have the largest spread
                let rate = mean + (Bool.random(using: &generator) ? spread : -spread)
                return SuccessRate((0..<20).map { _ in Double.random(in: 0..<1, using: &generator) < rate })
            }
            let rate = ClusteredSuccessRate(tasks)
            if rate.interval().contains(mean) { clustered += 1 }
            if rate.pooled.wilsonInterval().contains(mean) { wilson += 1 }
        }
        let holds = Double(clustered) / Double(runs)
        #expect(holds > 0.95 - 3 * (0.05 * 0.95 / Double(runs)).squareRoot())
        #expect(Double(wilson) / Double(runs) < holds)
    }
}
