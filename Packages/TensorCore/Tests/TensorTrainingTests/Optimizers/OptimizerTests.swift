import Parallel
import TensorCore
import TensorNN
import TensorTestSupport
import TensorTraining
import Testing

@Suite struct OptimizerTests {
    /// Gradients by name.
    private func gradients(_ tensors: [String: [Float]]) -> Gradients {
        var result = Gradients()
        for (name, elements) in tensors.sorted(by: { $0.key < $1.key }) { result[name] = Tensor(elements) }
        return result
    }

    /// On paper: the first step of Adam moves by η in the direction of the gradient's sign, after the decay.
    @Test func firstStepOfAdamWMovesByTheRate() {
        var model = TensorBag(["a": Tensor([1, -2])])
        var optimizer = AdamW(learningRate: 0.1, weightDecay: 0.5)
        optimizer.update(&model, with: gradients(["a": [3, -4]]))
        expectClose(model["a"], Tensor([0.95 - 0.1, -1.9 + 0.1]), within: .elementwise)
    }

    @Test func parametersWithoutGradientAndFrozenOnesStay() {
        var model = TensorBag(["a": Tensor([1]), "b": Tensor([2]), "c": Tensor([3])])
        model.setTrainable(false) { $0 == "c" }
        var optimizer = AdamW(learningRate: 0.1, weightDecay: 0.5)
        for _ in 0..<3 { optimizer.update(&model, with: gradients(["a": [1], "c": [1]])) }
        #expect(model["a"].scalar != 1)
        #expect(model["b"].scalar == 2 && model["c"].scalar == 3)
        #expect(optimizer.state.stepCounts == ["a": 3])
    }

    @Test func groupsHaveTheirOwnRateAndDecay() {
        var model = TensorBag(["head": Tensor([1]), "norm": Tensor([1]), "rest": Tensor([1])])
        var optimizer = AdamW(
            learningRate: 0.1, weightDecay: 0.5,
            groups: [
                ParameterGroup(rateScale: 0.5) { $0 == "head" }, ParameterGroup(weightDecay: 0) { $0 == "norm" },
            ])
        optimizer.update(&model, with: gradients(["head": [1], "norm": [1], "rest": [1]]))
        expectClose(Double(model["head"].scalar), 1 - 0.05 * 0.5 - 0.05, within: .elementwise)
        expectClose(Double(model["norm"].scalar), 1 - 0.1, within: .elementwise)
        expectClose(Double(model["rest"].scalar), 1 - 0.1 * 0.5 - 0.1, within: .elementwise)
    }

    /// Three steps from (0.5, −1, 2) with the gradients below in `torch.optim.SGD` 2.15.
    @Test(arguments: [
        (SGD(learningRate: 0.1), [Float(0.46000003814697266), -0.9449999928474426, 1.8799998760223389]),
        (
            SGD(learningRate: 0.1, weightDecay: 0.01),
            [0.45848146080970764, -0.9419580698013306, 1.8740061521530151]
        ),
        (SGD(learningRate: 0.05, momentum: 0.9), [0.48945000767707825, -0.991849958896637, 1.938650131225586]),
        (
            SGD(learningRate: 0.05, momentum: 0.9, isNesterov: true, weightDecay: 0.1),
            [0.450451523065567, -0.9247085452079773, 1.804760456085205]
        ),
    ])
    func descentMatchesPyTorch(optimizer: SGD, expected: [Float]) throws {
        var (optimizer, model) = (optimizer, TensorBag(["p": Tensor([0.5, -1, 2])]))
        for gradient: [Float] in [[0.1, 0.2, -0.3], [-0.4, 0.05, 0.6], [0.7, -0.8, 0.9]] {
            // the memory survives a way through its state
            var continued = SGD(
                learningRate: optimizer.learningRate, momentum: optimizer.momentum, isNesterov: optimizer.isNesterov,
                weightDecay: optimizer.weightDecay)
            try continued.restore(optimizer.state)
            optimizer = continued
            optimizer.update(&model, with: gradients(["p": gradient]))
        }
        expectClose(model["p"], Tensor(expected), within: .elementwise)
    }

    @Test func stateOfAnotherOptimizerIsRefused() {
        var model = TensorBag(["a": Tensor([1])])
        var (adam, momentum) = (AdamW(), SGD(learningRate: 1, momentum: 0.5))
        adam.update(&model, with: gradients(["a": [1]]))
        momentum.update(&model, with: gradients(["a": [1]]))
        #expect(throws: TrainingStateError.self) { try adam.restore(momentum.state) }
        #expect(throws: TrainingStateError.self) { try momentum.restore(adam.state) }
    }

    @Test func threadsDoNotChangeTheBits() {
        let count = 200_000
        let values = (0..<count).map { Float(($0 * 7919) % 1000) / 500 - 1 }
        func updated(threads: Int) -> [Float] {
            let former = KernelThreads.count
            KernelThreads.count = threads
            defer { KernelThreads.count = former }
            var model = TensorBag(["a": Tensor(values)])
            var optimizer = AdamW()
            for _ in 0..<2 { optimizer.update(&model, with: gradients(["a": values.reversed()])) }
            return model["a"].elements()
        }
        #expect(updated(threads: 1) == updated(threads: 3))
    }

    /// On paper: 0.75 · 4 + 0.25 · 8 = 5; the first update copies.
    @Test func movingAverageLagsBehind() {
        var model = TensorBag(["a": Tensor([4]), "frozen": Tensor([1])])
        model.setTrainable(false) { $0 == "frozen" }
        var average = ExponentialMovingAverage(decay: 0.75)
        average.update(with: model)
        model.updateParameters { name, parameter in if name == "a" { parameter.value = Tensor([8]) } }
        average.update(with: model)
        #expect(average.applied(to: model)["a"].scalar == 5)
        #expect(average.applied(to: model)["frozen"].scalar == 1)
        #expect(model["a"].scalar == 8)
        #expect(Array(average.values.keys) == ["a"])
    }

    /// On paper, k = 3 and five micro-batches with the gradient 3: 3 for the full update, 2 for the remainder.
    @Test func remainderKeepsTheWeightOfAFullUpdate() {
        var accumulator = GradientAccumulator(count: 3)
        var updates: [Float] = []
        for _ in 0..<5 {
            if let sum = accumulator.add(gradients(["a": [3]])) { updates.append(sum["a"]!.scalar) }
        }
        if let rest = accumulator.takeRemainder() { updates.append(rest["a"]!.scalar) }
        expectClose(updates.map { Double($0) }, [3, 2], within: .elementwise)
        #expect(accumulator.takeRemainder() == nil)
    }
}
