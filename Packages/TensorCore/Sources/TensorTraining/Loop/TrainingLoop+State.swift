import TensorNN

extension TrainingLoop {
    /// The newest state of the folder, given back to the model, the optimizer and the context; a new one without.
    func resume<Context: Codable>(
        _ model: inout some Module, _ optimizer: inout some Optimizer, _ context: inout Context
    ) throws -> TrainingState {
        var state = TrainingState()
        if let stateFolder, let saved = try TrainingState.latestComplete(in: stateFolder) {
            state = saved
            context = try saved.value("context")
            try saved.restore(&model, &optimizer)
            state.position = min(saved.position(forShardCount: shardCount), microBatchesPerEpoch - 1)
        }
        state.shardCount = shardCount
        // the run holds the tensors; the state has them only while it is written
        state.parameters = [:]
        state.optimizer = OptimizerState()
        return state
    }

    func save(
        _ state: TrainingState, _ model: some Module, _ optimizer: some Optimizer, _ context: some Codable
    ) throws {
        guard let stateFolder else { return }
        var full = state
        full.capture(model, optimizer)
        try full.set(context, for: "context")
        try full.save(in: stateFolder, keepingNewest: stateCount)
    }
}
