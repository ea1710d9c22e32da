/// A result that can be shown in words.
public protocol TextReport {
    /// The result in lines, without a line feed at the end.
    var text: String { get }
}
