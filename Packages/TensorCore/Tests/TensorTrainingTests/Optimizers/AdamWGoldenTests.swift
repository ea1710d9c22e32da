import Foundation
import TensorCore
import TensorNN
import TensorTestSupport
import TensorTraining
import Testing

/// A model of named tensors.
struct TensorBag: Module {
    var parameters: [(name: String, parameter: Parameter)]

    init(_ tensors: [String: Tensor]) {
        parameters = tensors.sorted { $0.key < $1.key }.map { ($0, Parameter($1)) }
    }

    subscript(name: String) -> Tensor { parameters.first { $0.name == name }!.parameter.value }

    mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        for index in parameters.indices {
            try visitor.visit(parameters[index].name, &parameters[index].parameter)
        }
    }
}

/// `golden/models/adamw`: PyTorch's AdamW with the settings of four recipes, moments and norms at every step.
@Suite struct AdamWGoldenTests {
    struct Case: Decodable {
        var variants: [String: Settings]
        var steps: Int
    }
    struct Settings: Decodable, Sendable {
        var lr, eps, weight_decay: Double
        var betas: [Double]
        var clip: Double?
        var sched: String
        var lrs: [Double]

        func schedule(stepCount: Int) throws -> LearningRateSchedule {
            switch sched {
            case "07": return .miniMind07(base: lr, stepCount: stepCount)
            case "26": return .miniMind26(base: lr, stepCount: stepCount)
            case "const": return .constant(lr)
            default: throw UnknownSchedule(name: sched)
            }
        }
    }
    struct UnknownSchedule: Error { var name: String }
    struct Variant: Sendable, CustomTestStringConvertible {
        var folder: URL
        var name: String
        var settings: Settings
        var stepCount: Int
        var testDescription: String { "\(folder.lastPathComponent)/\(name)" }
    }

    static let folders = SharedFixtures.folders(in: "golden/models") { $0.hasPrefix("adamw") }
    static let variants = folders.flatMap { folder -> [Variant] in
        guard let file = try? Golden.json(folder.appendingPathComponent("case.json"), as: Case.self) else { return [] }
        return file.variants.sorted { $0.key < $1.key }.map {
            Variant(folder: folder, name: $0, settings: $1, stepCount: file.steps)
        }
    }

    @Test(arguments: folders)
    func everyFolderHasVariants(folder: URL) throws {
        let file = try Golden.json(folder.appendingPathComponent("case.json"), as: Case.self)
        #expect(!file.variants.isEmpty)
    }

    @Test(arguments: variants)
    func everyStepMatchesPyTorch(variant: Variant) throws {
        let settings = variant.settings
        // squares do not cancel: second moments agree however small they are
        let (single, squares) = (Tolerance(relative: 2e-6, absolute: 1e-7), Tolerance(relative: 2e-6, absolute: 1e-14))
        let golden = try Golden(variant.folder.appendingPathComponent("\(variant.name).safetensors"))
        func tensors(_ prefix: String) throws -> [String: Tensor] {
            var result: [String: Tensor] = [:]
            for name in golden.names where name.hasPrefix(prefix) {
                result[String(name.dropFirst(prefix.count))] = try golden(name)
            }
            return result
        }

        var model = TensorBag(try tensors("start/"))
        var optimizer = AdamW(
            learningRate: settings.lr, beta1: settings.betas[0], beta2: settings.betas[1], epsilon: settings.eps,
            weightDecay: settings.weight_decay)
        let schedule = try settings.schedule(stepCount: variant.stepCount)
        for step in 0..<variant.stepCount {
            var gradients = Gradients()
            for (name, gradient) in try tensors("step\(step)/grad/") { gradients[name] = gradient }

            // norm and clipped gradients
            if let limit = settings.clip {
                let clipped = gradients.clipped(toNorm: limit)
                let norm = gradients.clip(toNorm: limit)
                expectClose(norm, Double(try golden("step\(step)/norm").scalar), within: .elementwise, "norm \(step)")
                for (name, expected) in try tensors("step\(step)/clipped/") {
                    expectClose(gradients[name]!, expected, within: .elementwise, "clipped \(name), step \(step)")
                    #expect(clipped[name]!.elements() == gradients[name]!.elements())
                }
            }

            // rate, parameters, moments
            optimizer.learningRate = schedule.rate(afterUpdates: step)
            expectClose(
                optimizer.learningRate, settings.lrs[step], within: .init(relative: 1e-12, absolute: 0), "rate \(step)")
            optimizer.update(&model, with: gradients)
            for (name, expected) in try tensors("step\(step)/param/") {
                expectClose(model[name], expected, within: single, "\(name), step \(step)")
            }
            for (moment, prefix, tolerance) in [("first", "m", single), ("second", "v", squares)] {
                for (name, expected) in try tensors("step\(step)/\(prefix)/") {
                    let found = try #require(optimizer.state.moments[moment]?[name])
                    expectClose(found, expected, within: tolerance, "\(moment) moment of \(name), step \(step)")
                }
            }
        }
    }
}
