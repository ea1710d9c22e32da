import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import Testing

@testable import TensorTraining

/// A linear model learns a linear function.
@Suite final class TrainingLoopTests {
    let folder: URL
    var log: URL { folder.appendingPathComponent("log.jsonl") }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("loop-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// In a folder of another process.
    private init(in folder: URL) { self.folder = folder }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func loop(saving: Bool = true) -> TrainingLoop {
        var loop = TrainingLoop(
            epochCount: 3, microBatchesPerEpoch: 5, schedule: .miniMind07(base: 0.05, stepCount: 9))
        loop.accumulationCount = 2
        loop.clipNorm = 1
        loop.timePerProgressLine = nil
        if saving {
            loop.stateFolder = folder.appendingPathComponent("states")
            loop.logFile = log
        }
        return loop
    }

    /// Draws inputs from the context's generator: a run that does not restore it goes another way.
    private func run(
        _ loop: TrainingLoop, _ model: inout Linear, stoppingAt stop: Int? = nil
    ) throws -> TrainingLoop.Outcome {
        var (optimizer, generator, collective) = (AdamW(), TorchGenerator(seed: 3), SingleProcess())
        var isStopped = false
        return try loop.run(&model, &optimizer, context: &generator, over: &collective) { model, place, generator in
            if place.step == stop, !isStopped {
                isStopped = true
                kill(getpid(), SIGTERM)
                // another thread may take the signal
                while !StopSignal.hasArrived { usleep(1000) }
            }
            let inputs = Tensor(generator.normals(32), [8, 4])
            let targets = inputs.mean(axes: [1], keepingDimensions: true)
            let (loss, gradients) = valueAndGradient(of: model) { model in
                let error = model(inputs) - targets
                return (error * error).mean()
            }
            return TrainingLoop.Output(loss: loss, metrics: ["double": 2 * loss], gradients: gradients)
        }
    }

    private func model() -> Linear {
        var generator = TorchGenerator(seed: 1)
        return Linear(4, 1, using: &generator)
    }

    @Test func remainderOfAnEpochMakesAnUpdate() throws {
        var model = model()
        #expect(loop().stepCount == 9)
        #expect(try run(loop(), &model) == .finished)
        let records = try RunLog.records(at: log)
        #expect(records.map { $0["step"]?.number } == (1...9).map { Double($0) })
        #expect(records.map { $0["epoch"]?.number } == [0, 0, 0, 1, 1, 1, 2, 2, 2])
        for (index, record) in records.enumerated() {
            #expect(record["rate"]?.number == loop().schedule.rate(afterUpdates: index))
            let (loss, double) = (try #require(record["loss"]?.number), try #require(record["double"]?.number))
            expectClose(double, 2 * loss, within: .elementwise)
        }
        #expect(records.last!["loss"]!.number! < records[0]["loss"]!.number!)
    }

    @Test(arguments: [0, 2, 3, 8])
    func stoppedRunResumesToTheBit(stop: Int) async throws {
        var straight = model()
        _ = try run(loop(saving: false), &straight)

        // a signal ends every training of a process, those of other suites too
        await #expect(processExitsWith: .success) { [path = folder.path as String, stop = stop as Int] in
            let tests = TrainingLoopTests(in: URL(fileURLWithPath: path))
            var model = tests.model()
            let outcome = try tests.run(tests.loop(), &model, stoppingAt: stop)
            exit(outcome == (stop == 8 ? .finished : .stopped(step: stop + 1)) ? EXIT_SUCCESS : EXIT_FAILURE)
        }
        var resumed = self.model()
        #expect(try run(loop(), &resumed) == .finished)
        #expect(resumed.weight.value.elements() == straight.weight.value.elements())
        #expect(resumed.bias?.value.elements() == straight.bias?.value.elements())
        #expect(try RunLog.records(at: log).map { $0["step"]?.number } == (1...9).map { Double($0) })
    }

    @Test func stepsAfterTheNewestStateAreRepeated() throws {
        var straight = model()
        _ = try run(loop(saving: false), &straight)

        // a state after update 4 only; the run fails in update 7
        struct Failure: Error {}
        var failing = loop()
        failing.stepsPerState = 4
        var (model, optimizer, generator, collective) = (model(), AdamW(), TorchGenerator(seed: 3), SingleProcess())
        #expect(throws: Failure.self) {
            try failing.run(&model, &optimizer, context: &generator, over: &collective) { model, place, generator in
                if place.step == 6 { throw Failure() }
                let inputs = Tensor(generator.normals(32), [8, 4])
                let targets = inputs.mean(axes: [1], keepingDimensions: true)
                let (loss, gradients) = valueAndGradient(of: model) { model in
                    let error = model(inputs) - targets
                    return (error * error).mean()
                }
                return TrainingLoop.Output(loss: loss, gradients: gradients)
            }
        }
        #expect(try RunLog.records(at: log).count == 6)
        var resumed = self.model()
        _ = try run(loop(), &resumed)
        #expect(resumed.weight.value.elements() == straight.weight.value.elements())
        #expect(try RunLog.records(at: log).map { $0["step"]?.number } == (1...9).map { Double($0) })
    }

    @Test func divergedGradientStopsBeforeTheUpdate() throws {
        var (model, optimizer) = (model(), AdamW())
        let before = model.weight.value.elements()
        #expect(throws: TrainingDiverged.self) {
            try loop(saving: false).run(&model, &optimizer) { model, _ in
                var gradients = Gradients()
                gradients["weight"] = .full([1, 4], .nan)
                return TrainingLoop.Output(loss: .nan, gradients: gradients)
            }
        }
        #expect(model.weight.value.elements() == before)
    }
}
