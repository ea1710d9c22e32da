import FileSupport
public import Foundation
public import Plotting
public import TensorTraining

/// A training in files that other programs read: CSV, charts, a page, TensorBoard's events.
///
/// Everything is made from `run.jsonl`; writing it again gives the same bytes, the events' times apart.
public struct RunReport: Sendable {
    public let title: String
    /// What is shown behind the charts of the training, and written beside them.
    public var sections: [Section] = []
    /// Settings of the run, for Weights & Biases.
    public var configuration: [String: LogValue] = [:]
    /// Its project there.
    public var project = "vla"
    private let records: [[String: LogValue]]

    /// Reads the log of a run's folder.
    public init(title: String, runFolder: URL) throws {
        self.init(title: title, records: try RunLog.records(at: runFolder.appendingPathComponent("run.jsonl")))
    }

    public init(title: String, records: [[String: LogValue]]) {
        self.title = title
        self.records = records
    }

    /// Names of the numbers, sorted, the step first.
    private var names: [String] {
        let all = Set(records.flatMap { record in record.keys.filter { record[$0]?.number != nil } })
        return ["step"] + all.subtracting(["step"]).sorted()
    }

    /// All records, one a line; empty where a record has no value.
    public func csv() -> String {
        let names = names
        let rows = records.map { record in names.map { record[$0]?.number.map { "\($0)" } ?? "" }.joined(separator: ",")
        }
        return ([names.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
    }

    /// One record per epoch under the names that the 2025 system's runs have at Weights & Biases: means over the epoch's
    /// updates, and the last validation in it.
    public func epochs() -> [[String: LogValue]] {
        let groups = Dictionary(grouping: records) {
            Int(clamping: ($0["epoch"]?.number ?? 0).rounded(.down), to: 0...Int.max)
        }
        return groups.sorted { $0.key < $1.key }.map { epoch, records in
            func mean(_ key: String) -> LogValue? {
                let values = records.compactMap { $0[key]?.number }
                return values.isEmpty ? nil : .number(values.reduce(0, +) / Double(values.count))
            }
            func last(_ key: String) -> LogValue? { records.last { $0[key] != nil }?[key] }
            var row: [String: LogValue] = ["epoch": LogValue(epoch)]
            row["train/epoch_loss"] = mean("loss")
            row["train/epoch_action_acc"] = mean("tokenAccuracy") ?? mean("gripperAccuracy")
            row["val/epoch_loss"] = last("validation/loss")
            row["val/epoch_action_acc"] = last("validation/tokenAccuracy") ?? last("validation/gripperAccuracy")
            return row
        }
    }

    /// A chart for each number of the training, its validation beside it.
    public func charts() -> [(name: String, plot: Plot)] {
        let all = names
        return all.filter { !$0.hasPrefix("validation/") && !["step", "seconds", "examples", "epoch"].contains($0) }
            .map { name in
                var series = [Plot.Series.line("training", RunLog.points(records, y: name))]
                let validation = "validation/\(name)"
                if all.contains(validation) {
                    series.append(.line("validation", RunLog.points(records, y: validation)))
                }
                return (name, Plot("\(title): \(name)", x: .init("update"), y: .init(name), series: series))
            }
    }

    /// A page with all charts and the last numbers; it needs no other file.
    public func html() -> String {
        var page = HTMLPage(title)
        page.paragraph("\(records.count) updates in the log.")
        page.gallery(.curves, charts().map { HTMLPage.figure($0.plot.svg()) })
        for section in sections { section.add(to: &page) }
        page.heading("Last update")
        let last = (records.last ?? [:]).sorted { $0.key < $1.key }
        page.table(
            ["number", "value"],
            last.compactMap { name, value in value.number.map { [.text(name), .number("\($0)")] } })
        return page.html
    }

    /// The records with the epochs' numbers in the last one of each epoch.
    private var history: [[String: LogValue]] {
        var history = records
        for epoch in epochs() {
            guard let number = epoch["epoch"]?.number,
                let last = history.lastIndex(where: { $0["epoch"]?.number == number })
            else { continue }
            history[last].merge(epoch) { $1 }
        }
        return history
    }

    /// Writes `run.csv`, `epochs.jsonl`, `charts/*.svg`, `report.html`, TensorBoard's events, a run of Weights & Biases made
    /// without a network (`wandb/`), and the files of the sections into a folder.
    public func write(to folder: URL, time: Date = Date()) throws {
        let charts = folder.appendingPathComponent("charts")
        try FileManager.default.createDirectory(at: charts, withIntermediateDirectories: true)
        try AtomicFile.write(Data(csv().utf8), to: folder.appendingPathComponent("run.csv"))
        let encoder = JSONEncoder.sorted()
        var lines = Data()
        for epoch in epochs() { lines += try encoder.encode(epoch) + Data("\n".utf8) }
        try AtomicFile.write(lines, to: folder.appendingPathComponent("epochs.jsonl"))
        for (name, plot) in self.charts() {
            let file = name.replacingOccurrences(of: "/", with: "-") + ".svg"
            try plot.write(to: charts.appendingPathComponent(file))
        }
        try AtomicFile.write(Data(html().utf8), to: folder.appendingPathComponent("report.html"))
        for section in sections {
            for chart in section.charts {
                try chart.plot.write(to: charts.appendingPathComponent("\(chart.name).svg"))
            }
            for (name, data) in section.files {
                try AtomicFile.write(data, to: folder.appendingPathComponent(name))
            }
        }
        // one run a folder: what an interrupted training wrote is written anew
        let wandb = folder.appendingPathComponent("wandb")
        try? FileManager.default.removeItem(at: wandb)
        try WeightsAndBiasesFile(project: project, name: title, time: time).write(
            to: wandb, configuration: configuration, history: history)
        let events = TensorBoardEvents.file(records, time: time.timeIntervalSince1970)
        try AtomicFile.write(events, to: folder.appendingPathComponent("events.out.tfevents.vla"))
    }
}
