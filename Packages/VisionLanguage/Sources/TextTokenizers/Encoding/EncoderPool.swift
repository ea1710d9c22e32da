import Synchronization

/// The working memory of encoding: one for each thread that encodes at the same time, kept for the next call.
final class EncoderPool: Sendable {
    struct Workspace {
        var cache = PieceCache()
        var merger = Merger()
    }

    private let free = Mutex<[Workspace]>([])

    func withWorkspace<Result>(_ body: (inout Workspace) -> Result) -> Result {
        var workspace = free.withLock { $0.popLast() } ?? Workspace()
        let result = body(&workspace)
        free.withLock { $0.append(workspace) }
        return result
    }
}
