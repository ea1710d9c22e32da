import FileSupport
import Foundation
import TensorCore
import TensorNN
import TensorTraining

/// Keeps the weights with the best validation of a run in its folder.
///
/// What was best before a run was interrupted is told by its log, up to the state it goes on from; updates after that are
/// repeated and give the same numbers, so that choice and early end are those of an uninterrupted run.
struct ModelChoice {
    struct Best {
        var step: Int
        var metrics: [String: Double]
    }

    private let folder: URL?
    private let selection: String?
    private var found: Best?
    /// Of ``found``; nil when they lie in the file.
    private var weights: [String: Tensor]?
    private var isResumed = false
    private(set) var validationsWithoutBetter = 0

    init(_ folder: URL?, settings: PolicyTrainingSettings) {
        (self.folder, selection) = (folder, settings.selection)
    }

    private var file: URL? { folder?.appendingPathComponent("best.safetensors") }

    /// Takes up what the log says of a run that goes on after an update; does nothing when called again.
    mutating func resume(after step: Int) throws {
        guard !isResumed else { return }
        isResumed = true
        guard step > 0, let folder else { return }
        let prefix = "validation/"
        for record in try RunLog.records(at: folder.appendingPathComponent("run.jsonl")) {
            guard let at = record["step"]?.number.flatMap({ Int(reading: $0) }), at <= step else { continue }
            let numbers = record.filter { $0.key.hasPrefix(prefix) }.compactMapValues(\.number)
            let metrics = Dictionary(
                uniqueKeysWithValues: numbers.map { (String($0.key.dropFirst(prefix.count)), $0.value) })
            guard !metrics.isEmpty else { continue }
            _ = take(step: at, metrics)
        }
    }

    /// Whether these are the best so far; without a selection or validation, always.
    private mutating func take(step: Int, _ metrics: [String: Double]) -> Bool {
        if let selection, let value = metrics[selection], let old = found?.metrics[selection], !(value < old) {
            validationsWithoutBetter += 1
            return false
        }
        validationsWithoutBetter = 0
        found = Best(step: step, metrics: metrics)
        weights = nil
        return true
    }

    /// Takes the weights when they are the best so far.
    mutating func consider(_ model: some Module, step: Int, metrics: [String: Double]) throws {
        guard take(step: step, metrics) else { return }
        let values = model.parameters.mapValues(\.detached)
        weights = values
        guard let file else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = String(decoding: try encoder.encode(metrics), as: UTF8.self)
        try Safetensors.write(
            values.map { (name: $0, tensor: $1) }.sorted { $0.name < $1.name },
            metadata: ["step": String(step), "metrics": json], to: file)
    }

    /// Gives a model the best weights; nil when there are none.
    ///
    /// The folder's file may hold better ones, of an update that is going to be repeated; then those.
    func best(of model: inout some Module) throws -> Best? {
        guard let found else { return nil }
        if let weights {
            try model.load(weights)
            return found
        }
        guard let file, FileManager.default.fileExists(atPath: file.path) else {
            throw CheckpointError.missingFile("best.safetensors")
        }
        let archive = try SafetensorsFile(at: file)
        guard let step = archive.metadata["step"].flatMap({ Int($0) }), let json = archive.metadata["metrics"],
            let metrics = try? JSONDecoder().decode([String: Double].self, from: Data(json.utf8))
        else { throw CheckpointError.damaged(file: file.path, "its metadata lack the step or the metrics") }
        var values: [String: Tensor] = [:]
        for name in archive.names { values[name] = try archive.tensor(name) }
        try model.load(values)
        return Best(step: step, metrics: metrics)
    }
}
