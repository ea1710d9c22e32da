import Foundation
import Synchronization

/// Freed blocks of memory of a mebibyte and more, kept for the next tensors of the same size.
///
/// A training step asks for the same sizes again and again. The system's allocator gives large blocks back to the
/// kernel, which clears every page anew: a twentieth of a training step, and most of an element-wise operation on more
/// than 32 MiB.
public enum BlockCache {
    /// Smaller blocks are left to the system's allocator.
    private static let smallestBlock = 1 << 20
    /// Bytes kept at most, an eighth of the machine's memory; a block that does not fit any more empties the cache first.
    private static let capacity = Int(ProcessInfo.processInfo.physicalMemory / 8)
    private static let alignment = 64

    private struct State {
        /// Addresses of free blocks by their size.
        var blocks: [Int: [UInt]] = [:]
        var byteCount = 0

        /// Takes all blocks out.
        mutating func removeAll() -> [UInt] {
            let all = blocks.values.flatMap { $0 }
            blocks = [:]
            byteCount = 0
            return all
        }
    }

    private static let state = Mutex(State())

    /// Bytes kept now, which no tensor uses.
    public static var byteCount: Int { state.withLock { $0.byteCount } }

    /// Gives all kept blocks back to the system.
    public static func removeAll() { free(state.withLock { $0.removeAll() }) }

    static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        if byteCount >= smallestBlock {
            let address = state.withLock { state -> UInt? in
                guard let address = state.blocks[byteCount]?.popLast() else { return nil }
                state.byteCount -= byteCount
                return address
            }
            if let address, let block = UnsafeMutableRawPointer(bitPattern: address) { return block }
        }
        return .allocate(byteCount: max(byteCount, 1), alignment: alignment)
    }

    static func release(_ block: UnsafeMutableRawPointer, byteCount: Int) {
        guard byteCount >= smallestBlock, byteCount <= capacity else {
            block.deallocate()
            return
        }
        let address = UInt(bitPattern: block)
        let dropped = state.withLock { state -> [UInt] in
            let dropped = state.byteCount + byteCount > capacity ? state.removeAll() : []
            state.blocks[byteCount, default: []].append(address)
            state.byteCount += byteCount
            return dropped
        }
        free(dropped)
    }

    private static func free(_ addresses: [UInt]) {
        for address in addresses { UnsafeMutableRawPointer(bitPattern: address)?.deallocate() }
    }
}
