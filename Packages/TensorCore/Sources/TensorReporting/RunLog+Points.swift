public import Plotting
public import TensorTraining

extension RunLog {
    /// The points (x, y) of the records that have both numbers, for a plot.
    public static func points(
        _ records: [[String: LogValue]], x: String = "step", y: String
    ) -> [Plot.Point] {
        records.compactMap { record in
            guard let x = record[x]?.number, let y = record[y]?.number else { return nil }
            return Plot.Point(x: x, y: y)
        }
    }
}
