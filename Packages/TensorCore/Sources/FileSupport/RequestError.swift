/// A request that cannot be carried out as it is made; whoever made it can change it.
///
/// A command reports it with its usage and exit status 64.
public struct RequestError: Error, Equatable, CustomStringConvertible {
    public let description: String

    /// - Parameter description: What was found and what to do, as a sentence.
    public init(_ description: String) { self.description = description }
}

/// Files that do not fit what is asked of them; the request itself is right.
public struct ContentError: Error, Equatable, CustomStringConvertible {
    public let description: String

    /// - Parameter description: What was found, where and what to do, as a sentence.
    public init(_ description: String) { self.description = description }
}
