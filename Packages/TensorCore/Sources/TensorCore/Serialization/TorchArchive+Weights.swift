import FileSupport

extension TorchArchive {
    /// Names under which trainers keep the weights of the model, the usual first.
    private static let customaryNames = [
        "model", "model_state_dict", "state_dict", "module", "net", "network", "policy", "weights", "params",
    ]

    /// The dictionary of tensors that a file holds: the file itself, or the one inside a training state.
    ///
    /// Where a training state holds several, the one with a customary name counts, the outermost of them first; the
    /// others are listed. State of optimizers is none: its keys are numbers.
    ///
    /// - Returns: The keys that lead to it, its tensors in order, and the paths of the others.
    /// - Throws: ``SerializationError`` when there is none, or several and none has a customary name.
    public func weights() throws -> (path: [String], entries: [(name: String, tensor: Tensor)], others: [String]) {
        if Self.isStateDict(root) { return ([], try stateDict(), []) }
        var found: [[String]] = []
        Self.collect(root, path: [], into: &found)
        let place = FilePlace(file: archive.file.name)
        guard !found.isEmpty else {
            // says what stands in the way
            return ([], try stateDict(), [])
        }
        let chosen: [String]
        if found.count == 1 {
            chosen = found[0]
        } else {
            let candidates = found.filter { Self.customaryNames.contains($0[$0.count - 1]) }
            func rank(_ path: [String]) -> (Int, Int) {
                (path.count, Self.customaryNames.firstIndex(of: path[path.count - 1]) ?? .max)
            }
            guard let first = candidates.min(by: { rank($0) < rank($1) }) else {
                let names = found.map { "'\($0.joined(separator: "."))'" }.joined(separator: ", ")
                throw place.error(
                    .unsupported, "several dictionaries of tensors: \(names)",
                    advice: "Save the one of the model alone, with torch.save(model.state_dict(), …).")
            }
            chosen = first
        }
        return (
            chosen, try stateDict(at: chosen), found.filter { $0 != chosen }.map { $0.joined(separator: ".") }
        )
    }

    /// Whether a value is a dictionary of tensors by names.
    private static func isStateDict(_ value: PickleValue) -> Bool {
        guard let entries = value.dictionary, !entries.isEmpty else { return false }
        return entries.allSatisfy { $0.key.string != nil && $0.value.tensor != nil }
    }

    /// Paths of the dictionaries of tensors within a value, at most four levels down.
    private static func collect(_ value: PickleValue, path: [String], into found: inout [[String]]) {
        guard path.count < 4, let entries = value.dictionary else { return }
        for (key, value) in entries {
            guard let name = key.string, !name.contains("optimizer") else { continue }
            if isStateDict(value) {
                found.append(path + [name])
            } else {
                collect(value, path: path + [name], into: &found)
            }
        }
    }
}
