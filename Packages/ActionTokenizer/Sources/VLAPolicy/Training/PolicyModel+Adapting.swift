import TensorCore
import TensorNN

extension PolicyModel {
    /// Freezes parameters and adds adapters as the settings ask.
    public mutating func adapt(_ settings: PolicyTrainingSettings) {
        if let frozen = settings.frozen {
            setTrainable(false) { name in frozen.contains { name.hasPrefix($0) } }
        }
        guard let adapters = settings.adapters else { return }
        var generator = PhiloxGenerator(seed: settings.seed, stream: .max - 1)
        addAdapters(
            rank: adapters.rank, scale: adapters.scale, standardDeviation: adapters.standardDeviation,
            using: &generator
        ) { name, _ in adapters.layers.map { layers in layers.contains { name.hasPrefix($0) } } ?? true }
        if let whole = adapters.trainedWhole {
            setTrainable(true) { name in whole.contains { name.hasPrefix($0) } }
        }
    }
}
