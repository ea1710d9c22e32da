extension EvaluationResult {
    /// A table of the tasks and the overall rate, for a terminal.
    public var text: String {
        let (pad, percent) = (TextFormat.padded, TextFormat.percent)
        let rows = tasks.map { task in
            let rate = task.rate
            return "  \(pad("\(task.number)", 3)) \(pad("\(rate.successCount)/\(rate.episodeCount)", 7)) "
                + "\(pad(percent(rate.successRate), 8)) "
                + "\(pad("\(percent(rate.interval[0]))–\(percent(rate.interval[1]))", 16))  \(task.name)"
                + (provenance.rules.instructions?[task.number].map { ", told '\($0)'" } ?? "")
        }
        let heading = "\(provenance.agent.name) on \(provenance.suite)"
        let overall =
            "success rate \(percent(successRate)), 95 % interval \(percent(interval[0])) to \(percent(interval[1])): "
            + "\(successCount) of \(episodeCount) episodes"
        let early = earlyStop.map {
            "\nended early: the rate is \($0.isAbove ? "above" : "below") the one asked about, by \($0.episodeCount) episodes"
        }
        let note = [provenance.rules.goalNote, provenance.rules.realTimeNote].compactMap { $0 }
        return ([heading] + rows + note + [overall]).joined(separator: "\n") + (early ?? "")
    }
}
