// Progress on standard error: on a terminal a line that is drawn again and again, elsewhere lines that stay, at least one
// every two seconds at first. What is in them is RunProgress's.

import Foundation
import PagefoldExperiments
import PagefoldPacking
import Synchronization

/// Shows packing events as they come, and what is being done where none comes.
final class ProgressLine: Sendable {
    private struct State {
        var progress: RunProgress
        /// Seconds on the clock of `start`.
        var lastShown = 0.0
        var hasEnded = false
    }

    private let prefix: String
    private let isTerminal: Bool
    private let start = ContinuousClock.now
    private let state: Mutex<State>

    /// - Parameters:
    ///   - settings: of the training; nil: without turns.
    ///   - prefix: stands before each line of one of several runs at once; nothing is drawn again then.
    init(names: [String], settings: TrainingSettings? = nil, prefix: String = "") {
        self.prefix = prefix
        isTerminal = prefix.isEmpty && isatty(STDERR_FILENO) == 1
        state = Mutex(State(progress: RunProgress(names: names, settings: settings)))
        // A thread of its own: all others may be at work.
        Thread.detachNewThread { [weak self] in
            repeat { Thread.sleep(forTimeInterval: 0.5) } while self?.tick() == true
        }
    }

    /// The step to which the checkpoint brings a run that is started again; nil before the first.
    var keptStep: Int? { state.withLock(\.progress.keptStep) }

    var hasWarned: Bool { state.withLock(\.progress.hasWarned) }

    func show(_ event: PackingEvent) {
        let now = now
        state.withLock { state in
            for line in state.progress.note(event, at: now) { write(line, &state, now) }
            // Steps may come by the hundred a second.
            if isTerminal, now - state.lastShown > 0.2 { draw(&state, now) }
        }
    }

    /// Tells that work begins which has no events of its own.
    func begin(_ text: String) {
        let now = now
        state.withLock { state in
            state.progress.begin(text, at: now)
            write(text, &state, now)
        }
    }

    func line(_ text: String) {
        let now = now
        state.withLock { write(text, &$0, now) }
    }

    /// Takes the line away that is drawn again and again; nothing is shown any more.
    func end() {
        state.withLock { state in
            if isTerminal, !state.hasEnded { put("\r\u{1B}[K") }
            state.hasEnded = true
        }
    }

    private var now: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// - Returns: whether there is more to come.
    private func tick() -> Bool {
        let now = now
        return state.withLock { state in
            guard !state.hasEnded else { return false }
            // A log of a long run is not to be flooded.
            let silence = now < 60 ? 1.5 : now < 600 ? 10.0 : 60.0
            if isTerminal {
                draw(&state, now)
            } else if now - state.lastShown >= silence, let text = state.progress.status(at: now) {
                write(text, &state, now)
            }
            return true
        }
    }

    private func draw(_ state: inout State, _ now: Double) {
        guard let text = state.progress.status(at: now) else { return }
        put("\r\u{1B}[K\(text)")
        state.lastShown = now
    }

    private func write(_ text: String, _ state: inout State, _ now: Double) {
        let clear = isTerminal ? "\r\u{1B}[K" : ""
        put("\(clear)\(prefix)\(text)\n")
        state.lastShown = now
    }

    private func put(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
