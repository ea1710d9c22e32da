/// An ordered tree with labels, such as a dependency tree of a sentence with relation and part of speech.
public struct LabelledTree: Hashable, Sendable {
    public var label: String
    public var children: [LabelledTree]

    public init(_ label: String, _ children: [LabelledTree] = []) { (self.label, self.children) = (label, children) }

    /// The number of nodes.
    public var nodeCount: Int { postorder().labels.count }

    /// The fewest insertions, deletions and relabellings of nodes that turn one ordered tree into the other.
    ///
    /// Takes `O(n₁ n₂ · min(depth, leaves)²)` steps. Source: Zhang & Shasha 1989, SIAM J. Comput. 18(6).
    public func editDistance(to other: LabelledTree) -> Int {
        let (a, b) = (postorder(), other.postorder())
        let (n, m) = (a.labels.count, b.labels.count)
        var distances = [[Int]](repeating: [Int](repeating: 0, count: m), count: n)
        for i in a.keyRoots {
            for j in b.keyRoots {
                // forests between the leftmost leaves of i and j and every node up to them
                let (li, lj) = (a.leftmost[i], b.leftmost[j])
                let (rows, columns) = (i - li + 2, j - lj + 2)
                var forest = [[Int]](repeating: [Int](repeating: 0, count: columns), count: rows)
                for x in 1..<rows { forest[x][0] = forest[x - 1][0] + 1 }
                for y in 1..<columns { forest[0][y] = forest[0][y - 1] + 1 }
                for x in 1..<rows {
                    for y in 1..<columns {
                        let (p, q) = (li + x - 1, lj + y - 1)
                        let step = min(forest[x - 1][y], forest[x][y - 1]) + 1
                        if a.leftmost[p] == li, b.leftmost[q] == lj {
                            let change = a.labels[p] == b.labels[q] ? 0 : 1
                            forest[x][y] = min(step, forest[x - 1][y - 1] + change)
                            distances[p][q] = forest[x][y]
                        } else {
                            let rest = forest[a.leftmost[p] - li][b.leftmost[q] - lj]
                            forest[x][y] = min(step, rest + distances[p][q])
                        }
                    }
                }
            }
        }
        return distances[n - 1][m - 1]
    }

    /// `S_T = 1 − distance / (n₁ + n₂)`.
    public func structuralSimilarity(to other: LabelledTree) -> Double {
        1 - Double(editDistance(to: other)) / Double(nodeCount + other.nodeCount)
    }

    /// Labels in postorder, each node's leftmost leaf, and the last node of every leftmost leaf.
    private func postorder() -> (labels: [String], leftmost: [Int], keyRoots: [Int]) {
        var (labels, leftmost) = ([String](), [Int]())
        // a stack of its own: depth costs no call
        var open: [(tree: LabelledTree, next: Int, first: Int?)] = [(self, 0, nil)]
        while var top = open.popLast() {
            if top.next < top.tree.children.count {
                let child = top.tree.children[top.next]
                top.next += 1
                open.append(top)
                open.append((child, 0, nil))
            } else {
                let first = top.first ?? labels.count
                labels.append(top.tree.label)
                leftmost.append(first)
                if !open.isEmpty, open[open.count - 1].first == nil { open[open.count - 1].first = first }
            }
        }
        let last = Dictionary(leftmost.enumerated().map { ($1, $0) }) { max($0, $1) }
        return (labels, leftmost, last.values.sorted())
    }
}
