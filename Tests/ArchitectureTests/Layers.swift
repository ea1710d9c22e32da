/// The order of the packages: each may use only those above it; packages of one row do not know each other.
struct Layers {
    var rows: [[String]]

    static let workspace = Layers(rows: [
        ["TensorCore"],
        ["VisionLanguage"],
        ["ActionTokenizer"],
        ["LiberoData", "Kinematics"],
        ["Evaluation"],
    ])

    var names: [String] { rows.flatMap { $0 } }

    /// Whether `upper` may use `lower`.
    func allows(_ upper: String, toUse lower: String) -> Bool {
        guard let from = row(of: upper), let to = row(of: lower) else { return false }
        return to < from
    }

    private func row(of name: String) -> Int? { rows.firstIndex { $0.contains(name) } }
}
