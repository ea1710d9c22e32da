/// Stops the program with a message when a condition does not hold: for errors of the program, such as shapes that do
/// not fit.
///
/// Unlike `precondition`, the message is printed in release builds too, which is where most shapes meet.
@inlinable
public func require(
    _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID,
    line: UInt = #line
) {
    if !condition() { fatalError(message(), file: file, line: line) }
}
