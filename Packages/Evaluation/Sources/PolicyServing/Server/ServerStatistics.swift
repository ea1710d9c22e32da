import Metrics
import Synchronization

/// What a server counts: through swift-metrics, and as text for `/metrics`.
final class ServerStatistics: Sendable {
    struct Totals: Sendable, Hashable {
        var requestCount = 0
        var answerCount = 0
        /// By class.
        var errorCounts: [String: Int] = [:]
        var connectionCount = 0
        var refusedConnectionCount = 0
        var openConnectionCount = 0
        var inferenceCount = 0
        var inferenceSeconds = 0.0
    }

    private let totals = Mutex(Totals())
    private let requests = Counter(label: "vla_serving_requests_total")
    private let answers = Counter(label: "vla_serving_answers_total")
    private let inference = Metrics.Timer(label: "vla_serving_inference_seconds")
    private let connections = Gauge(label: "vla_serving_connections")

    var current: Totals { totals.withLock { $0 } }

    func countRequest() {
        requests.increment()
        totals.withLock { $0.requestCount += 1 }
    }

    func countAnswer() {
        answers.increment()
        totals.withLock { $0.answerCount += 1 }
    }

    func countError(_ category: String) {
        Counter(label: "vla_serving_errors_total", dimensions: [("class", category)]).increment()
        totals.withLock { $0.errorCounts[category, default: 0] += 1 }
    }

    func countInference(seconds: Double) {
        inference.recordSeconds(seconds)
        totals.withLock { totals in
            totals.inferenceCount += 1
            totals.inferenceSeconds += seconds
        }
    }

    /// Counts a connection; `false`, and it is not open, when there are too many.
    func openConnection(limit: Int) -> Bool {
        let count = totals.withLock { totals -> Int? in
            totals.connectionCount += 1
            guard totals.openConnectionCount < limit else {
                totals.refusedConnectionCount += 1
                return nil
            }
            totals.openConnectionCount += 1
            return totals.openConnectionCount
        }
        if let count { connections.record(count) }
        return count != nil
    }

    func closeConnection() {
        connections.record(
            totals.withLock { totals in
                totals.openConnectionCount -= 1
                return totals.openConnectionCount
            })
    }

    /// Prometheus' text format.
    func text(queueDepth: Int) -> String {
        let totals = current
        var lines: [String] = []
        func add(_ name: String, _ type: String, _ value: some CustomStringConvertible) {
            lines += ["# TYPE \(name) \(type)", "\(name) \(value)"]
        }
        add("vla_serving_connections", "gauge", totals.openConnectionCount)
        add("vla_serving_connections_total", "counter", totals.connectionCount)
        add("vla_serving_connections_refused_total", "counter", totals.refusedConnectionCount)
        add("vla_serving_requests_total", "counter", totals.requestCount)
        add("vla_serving_answers_total", "counter", totals.answerCount)
        add("vla_serving_queue_depth", "gauge", queueDepth)
        add("vla_serving_inference_seconds_count", "counter", totals.inferenceCount)
        add("vla_serving_inference_seconds_sum", "counter", totals.inferenceSeconds)
        lines.append("# TYPE vla_serving_errors_total counter")
        for (category, count) in totals.errorCounts.sorted(by: { $0.key < $1.key }) {
            lines.append("vla_serving_errors_total{class=\"\(category)\"} \(count)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
