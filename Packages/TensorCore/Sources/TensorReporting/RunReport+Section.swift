public import Foundation
public import Plotting

extension RunReport {
    /// Something of a run beside its curves, such as how a trained policy's actions compare with the recorded ones.
    public struct Section: Sendable {
        public var heading: String
        public var paragraphs: [String]
        /// The columns' names; empty for no table.
        public var header: [String]
        public var rows: [[HTMLPage.Cell]]
        /// Shown on the page and written as `charts/NAME.svg`.
        public var charts: [(name: String, plot: Plot)]
        /// Written beside the page, by name.
        public var files: [String: Data]

        public init(
            _ heading: String, paragraphs: [String] = [], header: [String] = [], rows: [[HTMLPage.Cell]] = [],
            charts: [(name: String, plot: Plot)] = [], files: [String: Data] = [:]
        ) {
            self.heading = heading
            self.paragraphs = paragraphs
            self.header = header
            self.rows = rows
            self.charts = charts
            self.files = files
        }

        func add(to page: inout HTMLPage) {
            page.heading(heading)
            for paragraph in paragraphs { page.paragraph(paragraph) }
            if !header.isEmpty { page.table(header, rows) }
            page.gallery(.curves, charts.map { HTMLPage.figure($0.plot.svg()) })
        }
    }
}
