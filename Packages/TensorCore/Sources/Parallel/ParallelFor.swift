import CThreadPool

/// Runs `body` for 0, 1, … `count - 1` on the kernel threads, the caller included, and returns when all are done.
///
/// Which thread runs which index is not defined: for the same bits on any number of threads, split work by its size,
/// never by the number of threads, and add partial results in index order. A nested call runs on its caller alone.
public func parallelFor(_ count: Int, _ body: (Int) -> Void) {
    if count <= 1 {
        if count == 1 { body(0) }
        return
    }
    withoutActuallyEscaping(body) { body in
        var body = body
        withUnsafeMutablePointer(to: &body) { context in
            ctp_parallel_for(
                Int64(count),
                { context, index in
                    context!.assumingMemoryBound(to: ((Int) -> Void).self).pointee(Int(index))
                }, context)
        }
    }
}

/// Kernel threads, the caller included. Starts as the processors this process may run on, or `VLA_THREADS`.
public enum KernelThreads {
    public static var count: Int {
        get { Int(ctp_thread_count()) }
        set { ctp_set_thread_count(Int32(newValue)) }
    }
}
