import Foundation

/// A dedicated thread for work that has to stay on one thread, such as everything done with an OpenGL context.
final class RenderThread: Sendable {
    private let queue = JobQueue()
    private let ended = DispatchSemaphore(value: 0)

    init(name: String) {
        let (queue, ended) = (queue, ended)
        let thread = Thread {
            queue.work()
            ended.signal()
        }
        thread.name = name
        thread.stackSize = 16 << 20  // the driver compiles shaders here
        thread.start()
    }

    deinit { queue.close() }

    /// Carries out `body` on the thread as the last thing it does, and waits until the thread has nothing left to do.
    ///
    /// Not to be called on the thread itself.
    func end(_ body: @escaping () -> Void) {
        queue.perform(body)
        queue.close()
        ended.wait()
        ended.signal()
    }

    /// Carries out `body` on the thread and waits for it.
    func run<Value>(_ body: @escaping () throws -> Value) throws -> Value {
        var result: Result<Value, any Error>?
        queue.perform { result = Result { try body() } }
        guard let result else { preconditionFailure("RenderThread: a job was not carried out") }
        return try result.get()
    }
}

/// Jobs in the order of their arrival, protected by a lock.
private final class JobQueue: @unchecked Sendable {  // every property is read and written under `condition`
    struct Job { let run: () -> Void }

    private let condition = NSCondition()
    private var jobs: [Job] = []
    private var isClosed = false

    private func append(_ job: Job) {
        condition.lock()
        jobs.append(job)
        condition.broadcast()
        condition.unlock()
    }

    /// Appends a job and returns when it is done.
    func perform(_ body: @escaping () -> Void) {
        let done = DispatchSemaphore(value: 0)
        append(
            Job {
                body()
                done.signal()
            })
        done.wait()
    }

    func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }

    /// Carries out jobs until the queue is closed and empty.
    func work() {
        while true {
            condition.lock()
            while jobs.isEmpty && !isClosed { condition.wait() }
            guard !jobs.isEmpty else {
                condition.unlock()
                return
            }
            let job = jobs.removeFirst()
            condition.unlock()
            job.run()
        }
    }
}
