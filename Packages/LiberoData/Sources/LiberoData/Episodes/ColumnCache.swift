import Foundation

/// Columns of episodes read before, within a budget of bytes; the least recently used go first.
///
/// `@unchecked Sendable`: all state is behind the lock.
final class ColumnCache: @unchecked Sendable {
    private struct Key: Hashable {
        var episode: Int
        var name: String
    }

    private let lock = NSLock()
    private let budget: Int
    private var columns: [Key: (column: NumberColumn, lastUse: Int)] = [:]
    private var byteCount = 0
    private var clock = 0

    init(byteCount: Int) { budget = byteCount }

    func contains(_ episode: Int, _ name: String) -> Bool {
        lock.withLock { columns[Key(episode: episode, name: name)] != nil }
    }

    /// The column, from memory or by `read`; two threads may read the same one at once.
    func column(_ name: String, of episode: Int, read: () throws -> NumberColumn) rethrows -> NumberColumn {
        let key = Key(episode: episode, name: name)
        let found = lock.withLock { () -> NumberColumn? in
            clock += 1
            columns[key]?.lastUse = clock
            return columns[key]?.column
        }
        if let found { return found }
        let column = try read()
        lock.withLock {
            guard columns[key] == nil else { return }
            columns[key] = (column, clock)
            byteCount += column.values.count * 8
            if byteCount > budget { evict() }
        }
        return column
    }

    /// Down to half of the budget, so that it is not done for each column.
    private func evict() {
        for (key, entry) in columns.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            guard byteCount > budget / 2 else { return }
            columns[key] = nil
            byteCount -= entry.column.values.count * 8
        }
    }
}
