import Foundation
import TensorCore
import TensorNN
import Testing

@testable import TensorTraining

@Suite struct TrainingStateTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("state-\(UUID().uuidString)")

    /// A model and an optimizer after two updates.
    private func trained() -> (TensorBag, AdamW) {
        var generator = TorchGenerator(seed: 1)
        var model = TensorBag(["a.weight": Tensor(generator.normals(40), [5, 8]), "a.bias": Tensor([1, 2])])
        var optimizer = AdamW()
        for _ in 0..<2 { optimizer.update(&model, with: Self.gradients(&generator)) }
        return (model, optimizer)
    }

    private static func gradients(_ generator: inout TorchGenerator) -> Gradients {
        var gradients = Gradients()
        gradients["a.weight"] = Tensor(generator.normals(40), [5, 8])
        return gradients
    }

    private func state() throws -> TrainingState {
        let (model, optimizer) = trained()
        var state = TrainingState()
        (state.step, state.epoch, state.position) = (2, 1, 7)
        state.capture(model, optimizer)
        try state.set(TorchGenerator(seed: 5), for: "generator")
        try state.set(Double.nan, for: "best")
        return state
    }

    @Test func restoredRunContinuesToTheBit() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try state().save(in: folder)
        let saved = try #require(try TrainingState.latestComplete(in: folder))
        #expect(saved.step == 2 && saved.epoch == 1 && saved.position == 7)
        #expect(try saved.value("best", as: Double.self).isNaN)
        #expect(try saved.value("generator") == TorchGenerator(seed: 5))
        #expect(throws: TrainingStateError.self) { try saved.value("generator", as: Int.self) }

        var (model, optimizer) = trained()
        var other = TensorBag(["a.weight": .zeros([5, 8]), "a.bias": .zeros([2])])
        var otherOptimizer = AdamW()
        try saved.restore(&other, &otherOptimizer)
        var (generator, again) = (TorchGenerator(seed: 9), TorchGenerator(seed: 9))
        for _ in 0..<3 {
            optimizer.update(&model, with: Self.gradients(&generator))
            otherOptimizer.update(&other, with: Self.gradients(&again))
        }
        for name in ["a.weight", "a.bias"] { #expect(other[name].elements() == model[name].elements()) }
        #expect(optimizer.state.stepCounts == otherOptimizer.state.stepCounts)
    }

    @Test func everyDamagedByteIsFound() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = try state().save(in: folder)
        let good = try Data(contentsOf: url)
        for index in stride(from: 0, to: good.count, by: 41) {
            var bad = good
            bad[index] ^= 0x10
            try bad.write(to: url)
            #expect(throws: (any Error).self, "byte \(index)") { try TrainingState(at: url) }
        }
        try good.prefix(good.count / 2).write(to: url)
        #expect(throws: (any Error).self) { try TrainingState(at: url) }
    }

    @Test func damagedStatesArePassedOver() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try TrainingState.latestComplete(in: folder) == nil)
        var state = try state()
        for step in [9, 10, 100] {
            state.step = step
            try state.save(in: folder, keepingNewest: 3)
        }
        let newest = folder.appendingPathComponent("state-100.safetensors")
        try Data(try Data(contentsOf: newest).dropLast()).write(to: newest)
        #expect(try TrainingState.latestComplete(in: folder)?.step == 10)
    }

    @Test func onlyTheNewestStatesAreKept() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var state = try state()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data([1]).write(to: folder.appendingPathComponent(".state-3.safetensors.1-2.tmp"))
        for step in 8...12 {
            state.step = step
            try state.save(in: folder, keepingNewest: 2)
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["state-11.safetensors", "state-12.safetensors"])
    }

    @Test func otherModelsAreRefused() throws {
        let state = try state()
        var optimizer = AdamW()
        var fewer = TensorBag(["a.weight": .zeros([5, 8])])
        #expect(throws: TrainingStateError.unusedParameters(["a.bias"])) { try state.restore(&fewer, &optimizer) }
        var more = TensorBag(["a.weight": .zeros([5, 8]), "a.bias": .zeros([2]), "b": .zeros([1])])
        #expect(throws: TrainingStateError.missingParameters(["b"])) { try state.restore(&more, &optimizer) }
        var turned = TensorBag(["a.weight": .zeros([8, 5]), "a.bias": .zeros([2])])
        #expect(throws: TrainingStateError.self) { try state.restore(&turned, &optimizer) }
        #expect(turned["a.weight"].elements().allSatisfy { $0 == 0 })
    }

    @Test func positionFollowsTheNumberOfShards() {
        var state = TrainingState()
        (state.position, state.shardCount) = (7, 4)
        #expect(state.position(forShardCount: 2) == 14)
        #expect(state.position(forShardCount: 8) == 3)
    }
}
