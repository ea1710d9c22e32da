import Evaluation

/// The works that worker processes do; the names that ``Evaluation/WorkerProgram`` is called with.
public enum LiberoWorker: String, CaseIterable, Sendable {
    case evaluate, collect

    /// Serves as worker process until the input ends.
    public func serve() throws {
        switch self {
        case .evaluate: try WorkerService.serve { (setting: EvaluationWorker) in try setting.makeWorker() }
        case .collect: try WorkerService.serve { (setting: CollectionSetting) in try setting.makeWorker() }
        }
    }
}
