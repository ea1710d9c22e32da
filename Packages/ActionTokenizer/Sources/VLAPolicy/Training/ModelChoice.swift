import Foundation
import TensorCore
import TensorNN
import TensorTraining

/// Keeps the weights with the best validation of a run in its folder.
///
/// What was best before a run was interrupted is read back from the file; validations that are repeated give the same
/// numbers, so that the choice is that of an uninterrupted run.
struct ModelChoice {
    struct Best {
        var step: Int
        var metrics: [String: Double]
    }

    private let file: URL?
    private let selection: String?
    private var found: Best?
    private var weights: [String: Tensor] = [:]
    private(set) var validationsWithoutBetter = 0

    init(_ folder: URL?, settings: PolicyTrainingSettings) throws {
        file = folder?.appendingPathComponent("best.safetensors")
        selection = settings.selection
        guard let file, FileManager.default.fileExists(atPath: file.path) else { return }
        let archive = try SafetensorsFile(at: file)
        guard let step = archive.metadata["step"].flatMap({ Int($0) }),
            let json = archive.metadata["metrics"],
            let metrics = try? JSONDecoder().decode([String: Double].self, from: Data(json.utf8))
        else { throw CheckpointError.damaged(file: "best.safetensors", "its metadata lack the step or the metrics") }
        found = Best(step: step, metrics: metrics)
        for name in archive.names { weights[name] = try archive.tensor(name) }
        // what the log knows of the validations since then; records of updates to come are ignored
        if let folder {
            let records = (try? RunLog.records(at: folder.appendingPathComponent("run.jsonl"))) ?? []
            validationsWithoutBetter =
                records.filter { ($0["step"]?.number ?? 0) > Double(step) && $0["validation/loss"] != nil }.count
        }
    }

    /// Takes the weights when they are the best so far; without a selection or validation, always.
    mutating func consider(_ model: some Module, step: Int, metrics: [String: Double]) throws {
        if let selection, let value = metrics[selection], let old = found?.metrics[selection], !(value < old),
            step != found?.step
        {
            validationsWithoutBetter += 1
            return
        }
        validationsWithoutBetter = 0
        found = Best(step: step, metrics: metrics)
        weights = model.parameters.mapValues(\.detached)
        guard let file else { return }
        let json = String(decoding: try JSONEncoder().encode(metrics), as: UTF8.self)
        try Safetensors.write(
            weights.map { (name: $0, tensor: $1) }.sorted { $0.name < $1.name },
            metadata: ["step": String(step), "metrics": json], to: file)
    }

    /// Gives a model the best weights; nil when there are none.
    func best(of model: inout some Module) throws -> Best? {
        guard let found else { return nil }
        try model.load(weights)
        return found
    }
}
