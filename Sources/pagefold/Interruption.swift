// Ctrl-C: the command says how to go on, and ends with exit code 130.

import Foundation

/// Waits for SIGINT while it lives.
final class Interruption {
    private let source: any DispatchSourceSignal

    /// - Parameter advice: how to go on; asked when the signal comes.
    init(_ advice: @escaping @Sendable () -> String) {
        // The default would end the process before anything can be said.
        signal(SIGINT, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler {
            try? FileHandle.standardError.write(contentsOf: Data("\nInterrupted: \(advice())\n".utf8))
            _exit(130)
        }
        source.resume()
    }

    deinit {
        source.cancel()
        signal(SIGINT, SIG_DFL)
    }

    /// The command line as it must be typed again.
    static var command: String {
        let words = CommandLine.arguments.map { word in
            let isPlain = word.unicodeScalars.allSatisfy {
                $0.properties.isAlphabetic || $0.properties.numericType != nil
                    || "-_./=+,:@%".unicodeScalars.contains($0)
            }
            return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
        }
        return words.joined(separator: " ")
    }
}
