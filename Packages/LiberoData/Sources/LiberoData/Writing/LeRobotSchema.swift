import ActionTokenizer
import RobotInterface
import FileSupport
import Foundation
import Parquet
import TensorCore

/// The features of a LeRobot set that is written: names, shapes and Parquet columns.
struct LeRobotSchema: Sendable {
    let names: LeRobotFeatureNames
    let description: DatasetDescription
    /// Further columns of floats with their widths, by name.
    let extras: [(name: String, width: Int)]
    /// Columns of a LeRobot set that are passed on: name, shape and kind as they were.
    var others: [Other] = []
    /// Columns of text.
    var texts: [String] = []
    /// Images that are passed on as they are stored.
    var rawImages: [LeRobotInfo.Feature] = []
    var robotType = "panda"

    /// A column of numbers in the kind it came in; whole numbers become 64 bits wide.
    struct Other: Sendable {
        enum Kind: String, Sendable { case float32, float64, int64, bool }

        let feature: LeRobotInfo.Feature
        var name: String { feature.name }
        var width: Int { max(feature.width, 1) }

        var kind: Kind {
            switch feature.type {
            case "bool": width == 1 ? .bool : .int64
            case "float64", "double": .float64
            case _ where feature.type.hasPrefix("float"): .float32
            default: .int64
            }
        }

        var column: ParquetWriter.Column {
            switch (kind, width) {
            case (.float32, 1): .init(name, .float)
            case (.float32, _): .init(name, .listOfFloat)
            case (.float64, 1): .init(name, .double)
            case (.float64, _): .init(name, .listOfDouble)
            case (.int64, 1): .init(name, .int64)
            case (.int64, _): .init(name, .listOfInt64)
            case (.bool, _): .init(name, .boolean)
            }
        }

        func rows(_ values: [Double]) -> ParquetWriter.Values {
            switch (kind, width) {
            case (.float32, 1): .float(values.map { Float($0) })
            case (.float32, _): .rowsOfFloat(values.map { Float($0) }, width: width)
            case (.float64, 1): .double(values)
            case (.float64, _): .rowsOfDouble(values, width: width)
            case (.int64, 1): .int64(values.map { Int64($0) })
            case (.int64, _): .rowsOfInt64(values.map { Int64($0) }, width: width)
            case (.bool, _): .boolean(values.map { $0 != 0 })
            }
        }
    }

    static let jointStateName = "observation.states.joint_state"
    static let indexNames = ["frame_index", "episode_index", "index", "task_index"]

    /// Cameras in the order of the columns.
    var cameras: [(camera: CameraName, name: String)] {
        names.cameras.filter { description.cameras[$0.key] != nil }.map { ($0.key, $0.value) }.sorted {
            $0.camera < $1.camera
        }
    }

    /// The columns of a data file, images first.
    var columns: [ParquetWriter.Column] {
        cameras.map { .init($0.name, .image) }
            + [.init(names.state, .listOfFloat), .init(names.action, .listOfFloat)]
            + extras.map { .init($0.name, $0.width == 1 ? .float : .listOfFloat) } + others.map(\.column)
            + texts.map { .init($0, .text) } + rawImages.map { .init($0.name, .image) } + [.init("timestamp", .float)]
            + Self.indexNames.map { .init($0, .int64) }
    }

    /// The `features` of info.json.
    func features() -> StrictJSON {
        var members: [(key: String, value: StrictJSON)] = []
        func add(_ name: String, _ type: String, _ shape: [Int], _ names: [String]?) {
            members.append(
                (
                    name,
                    .object([
                        ("dtype", .string(type)), ("shape", .array(shape.map { .number($0) })),
                        ("names", names.map { .array($0.map { .string($0) }) } ?? .null),
                    ])
                ))
        }
        for (camera, name) in cameras {
            let size = description.cameras[camera]!
            add(name, "image", [size.height, size.width, 3], ["height", "width", "channel"])
        }
        let isKnown = description.actionSpace.command != .unspecified
        add(
            names.state, "float32", [description.stateLayout.count],
            isKnown ? ["state"] : description.stateLayout.unspecifiedNames)
        add(
            names.action, "float32", [description.actionSpace.dimensionCount],
            isKnown ? ["actions"] : description.actionSpace.dimensionNames)
        for extra in extras { add(extra.name, "float32", [extra.width], nil) }
        for other in others {
            let names = other.feature.dimensionNames
            add(
                other.name, other.kind.rawValue, other.feature.shape.isEmpty ? [1] : other.feature.shape,
                names.isEmpty ? nil : names)
        }
        for text in texts { add(text, "string", [1], nil) }
        for image in rawImages { add(image.name, "image", image.shape, image.dimensionNames) }
        add("timestamp", "float32", [1], nil)
        for name in Self.indexNames { add(name, "int64", [1], nil) }
        return .object(members)
    }

    /// The `huggingface` text of a data file, from which `datasets` knows the kinds of the columns.
    func huggingFace() -> String {
        func value(_ type: String) -> StrictJSON { .object([("dtype", .string(type)), ("_type", .string("Value"))]) }
        func list(_ width: Int) -> StrictJSON {
            width == 1
                ? value("float32")
                : .object([("feature", value("float32")), ("length", .number(width)), ("_type", .string("Sequence"))])
        }
        var members: [(key: String, value: StrictJSON)] = cameras.map {
            ($0.name, .object([("_type", .string("Image"))]))
        }
        members.append((names.state, list(description.stateLayout.count)))
        members.append((names.action, list(description.actionSpace.dimensionCount)))
        for extra in extras { members.append((extra.name, list(extra.width))) }
        for other in others {
            let scalar = value(other.kind.rawValue)
            let sequence = StrictJSON.object([
                ("feature", scalar), ("length", .number(other.width)), ("_type", .string("Sequence")),
            ])
            members.append((other.name, other.width == 1 ? scalar : sequence))
        }
        for text in texts { members.append((text, value("string"))) }
        for image in rawImages { members.append((image.name, .object([("_type", .string("Image"))]))) }
        members.append(("timestamp", value("float32")))
        for name in Self.indexNames { members.append((name, value("int64"))) }
        return StrictJSON.object([("info", .object([("features", .object(members))]))]).text()
    }

    /// The rows of an episode.
    func rows(
        _ record: EpisodeRecord, episode: Int, firstIndex: Int, tasks: [Int], pathFormat: String,
        framesPerSecond: Double
    ) -> [ParquetWriter.Values] {
        let length = record.length
        func floats(_ name: String, _ width: Int) -> ParquetWriter.Values {
            let values = (record.columns[name]?.values ?? []).map { Float($0) }
            return width == 1 ? .float(values) : .rowsOfFloat(values, width: width)
        }
        var rows: [ParquetWriter.Values] = cameras.map { camera, _ in
            .images(
                record.images[camera]!.enumerated().map { frame, image in
                    guard case .png(let bytes) = image else { preconditionFailure("LeRobot stores PNG") }
                    return (bytes, String(format: pathFormat, frame))
                })
        }
        rows.append(floats(ColumnName.state, description.stateLayout.count))
        rows.append(floats(ColumnName.action, description.actionSpace.dimensionCount))
        for extra in extras {
            let source = extra.name == Self.jointStateName ? ColumnName.jointState : extra.name
            rows.append(floats(source, extra.width))
        }
        for other in others { rows.append(other.rows(record.columns[other.name]?.values ?? [])) }
        for text in texts { rows.append(.text(record.texts[text] ?? [])) }
        for image in rawImages {
            rows.append(.images((record.rawImages[image.name] ?? []).map { ($0.bytes, $0.path) }))
        }
        rows.append(.float((0..<length).map { Float(Double($0) / framesPerSecond) }))
        rows.append(.int64((0..<length).map(Int64.init)))
        rows.append(.int64(Array(repeating: Int64(episode), count: length)))
        rows.append(.int64((0..<length).map { Int64(firstIndex + $0) }))
        rows.append(.int64(tasks.map(Int64.init)))
        return rows
    }

    /// Statistics of an episode by feature; images from some of the frames, as LeRobot draws them.
    func statistics(
        _ record: EpisodeRecord, episode: Int, firstIndex: Int, tasks: [Int], framesPerSecond: Double
    ) throws -> [(name: String, statistics: ColumnStatistics)] {
        let length = record.length
        var result: [(String, ColumnStatistics)] = []
        // max(min(T, 100), min(⌊T^0.75⌋, 10000)) frames at rounded equal distances
        let count = max(min(length, 100), min(Int(pow(Double(length), 0.75)), 10_000))
        let frames = (0..<count).map { count == 1 ? 0 : Int((Double($0 * (length - 1)) / Double(count - 1)).rounded()) }
        for (camera, name) in cameras {
            let images = frames.map { record.images[camera]![$0] }
            let histograms = try concurrentMap(images) { image in
                var histogram = ChannelHistogram()
                histogram.add(try image.image())
                return histogram
            }
            var sum = ChannelHistogram()
            for histogram in histograms { sum.add(histogram) }
            var statistics = sum.statistics
            statistics.count = count
            result.append((name, statistics))
        }
        func add(_ name: String, _ column: NumberColumn) { result.append((name, ColumnStatistics(column))) }
        add(names.state, record.columns[ColumnName.state]!.rounded)
        add(names.action, record.columns[ColumnName.action]!.rounded)
        for extra in extras {
            let source = extra.name == Self.jointStateName ? ColumnName.jointState : extra.name
            if let column = record.columns[source] { add(extra.name, column.rounded) }
        }
        for other in others {
            if let column = record.columns[other.name] { add(other.name, Self.finiteRows(of: column)) }
        }
        func index(_ value: (Int) -> Double) -> NumberColumn {
            NumberColumn(width: 1, values: (0..<length).map(value), elementType: .int64)
        }
        add("timestamp", index { Double(Float(Double($0) / framesPerSecond)) })
        add("frame_index", index { Double($0) })
        add("episode_index", index { _ in Double(episode) })
        add("index", index { Double(firstIndex + $0) })
        add("task_index", index { Double(tasks[$0]) })
        return result
    }

    /// The rows that have statistics: those without NaN and infinities, or a row of zeros.
    private static func finiteRows(of column: NumberColumn) -> NumberColumn {
        guard column.firstNotFinite != nil else { return column }
        let rows = (0..<column.count).filter { column[$0].allSatisfy(\.isFinite) }
        let values = rows.isEmpty ? Array(repeating: 0, count: column.width) : rows.flatMap { column[$0] }
        return NumberColumn(width: column.width, values: values, elementType: column.elementType)
    }

    /// Whether a feature's statistics are nested as those of images are.
    func isImage(_ name: String) -> Bool { cameras.contains { $0.name == name } }
}

extension ColumnStatistics {
    /// As LeRobot's files hold it.
    func json(nested: Bool, quantiles hasQuantiles: Bool) -> StrictJSON {
        func list(_ values: [Double]) -> StrictJSON {
            nested ? .array(values.map { .array([.array([.number($0)])]) }) : .numbers(values)
        }
        var members: [(key: String, value: StrictJSON)] = [
            ("min", list(minimum)), ("max", list(maximum)), ("mean", list(mean)), ("std", list(standardDeviation)),
            ("count", .array([.number(count)])),
        ]
        if hasQuantiles {
            for quantile in quantiles {
                members.append((Self.name(ofQuantile: quantile.share), list(quantile.values)))
            }
        }
        return .object(members)
    }

    static func name(ofQuantile share: Double) -> String {
        let percent = Int((share * 100).rounded())
        return percent < 10 ? "q0\(percent)" : "q\(percent)"
    }

    /// Over two parts, quantiles as LeRobot merges them: their means weighted by count, which are no quantiles.
    func mergedAsLeRobot(with other: ColumnStatistics) -> ColumnStatistics {
        var result = merged(with: other)
        let (a, b) = (Double(count), Double(other.count))
        result.quantiles = zip(quantiles, other.quantiles).map { mine, theirs in
            Quantile(share: mine.share, values: zip(mine.values, theirs.values).map { ($0 * a + $1 * b) / (a + b) })
        }
        return result
    }
}
