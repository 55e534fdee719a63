// Programs in C, really compiled and linked: the example's numbers and errors, and what a run allocates.

import Foundation
import PagefoldCore
import PagefoldRuntime
import PagefoldTestCases
import Testing

@Suite(.enabled(if: Compiler.canCompile, "needs clang, and no sanitizer")) struct CompiledProgramTests {
    private static func build(_ source: String, in fold: TemporaryFold, _ more: String...) throws -> String {
        let program = fold.folder + "/program"
        let outcome = try Compiler.compile(source, to: program, more)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return program
    }

    @Test func theExampleRunsEveryNetworkOnZeros() throws {
        let fold = try TemporaryFold()
        let outcome = try Compiler.run(try Self.build(Repository.example, in: fold), [fold.path])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(lines.first == "Pagefold \(pagefoldVersion), \(FoldFile.instructionSet)")
        let file = try FoldFile(path: fold.path)
        let expected = try file.networkNames.map { name in
            let session = try file.session(name)
            let shape = session.program.inputShape
            let answer = try session.run([Float](repeating: 0, count: shape.count))
            let best = answer.indices.max { (answer[$0], $1) < (answer[$1], $0) }!
            let label = session.text.classes.isEmpty ? "\(best)" : session.text.classes[best]
            return [
                name, "\(shape.channels)x\(shape.height)x\(shape.width)", "\(answer.count)", label,
                String(format: "%.9g", answer[best]),
            ]
        }
        #expect(lines.dropFirst(2).map { $0.split(separator: "\t").map(String.init) } == expected)
    }

    @Test(arguments: ["picture", "vector", "naïve filter"])
    func theExampleAnswersASampleAsASwiftSessionDoes(name: String) throws {
        let fold = try TemporaryFold()
        let session = try FoldFile(path: fold.path).session(name)
        let sample = randomNumbers(session.program.inputShape.count, seed: 9)
        let place = try fold.write(sample.withUnsafeBytes { Data($0) }, as: "sample.f32")
        let outcome = try Compiler.run(
            try Self.build(Repository.example, in: fold), [fold.path, name, place])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let rows = outcome.output.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false)
        }
        // Nine digits give back the same float32.
        #expect(try rows.map { Float($0[1]) } == session.run(sample))
        #expect(rows.count { $0.last == "best" } == 1)
        if name == "picture" { #expect(rows.map { $0[0] } == ["left", "middle", "right"]) }
    }

    @Test func theExampleTellsWhatIsWrong() throws {
        let fold = try TemporaryFold()
        let program = try Self.build(Repository.example, in: fold)
        func errors(_ arguments: String...) throws -> String {
            let outcome = try Compiler.run(program, arguments)
            #expect(outcome.status == 1)
            return outcome.errors
        }
        #expect(try errors("/no/such.fold").hasPrefix("/no/such.fold: opening: No such file or directory; "))
        var bytes = try Data(contentsOf: URL(fileURLWithPath: fold.path))
        bytes[bytes.count - 1] ^= 1
        let damaged = try fold.write(bytes, as: "damaged.fold")
        let reason = #expect(throws: InputError.self) { try FoldFile(path: damaged) }
        #expect(try errors(damaged) == "\(try #require(reason))\n")
        let sample = try fold.write(Data(count: 12), as: "short.f32")
        #expect(
            try errors(fold.path, "unknown", sample)
                == "\(fold.path): network unknown: there is none of that name; "
                + "choose one of picture, vector, naïve filter\n")
        #expect(
            try errors(fold.path, "vector", sample) == "\(sample): it does not hold 19 float32 numbers\n")
        #expect(try errors(fold.path, "vector", "/no/such.f32").contains("/no/such.f32"))
    }

    #if os(Linux)
        @Test func aRunAllocatesNothingAndClosingLeavesNothing() throws {
            let fold = try TemporaryFold()
            let program = try Self.build(
                Repository.program("allocations"), in: fold, "-D_GNU_SOURCE", "-pthread")
            let outcome = try Compiler.run(program, [fold.path])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(
                outcome.output == """
                    allocations of 100 runs of each network: 0
                    differences of 4 threads: 0
                    blocks left by 10 openings: 0
                    files still mapped: 0

                    """)
        }

        @Test func aLibraryThatIsLoadedLateAllocatesNothingForItsThreads() throws {
            let fold = try TemporaryFold()
            let program = try Self.build(
                Repository.program("loaded"), in: fold, "-D_GNU_SOURCE", "-pthread", "-rdynamic",
                "-Wl,--as-needed")
            let library = try #require(Compiler.libraryFolder) + "/libPagefoldC.so"
            let outcome = try Compiler.run(program, [library, fold.path])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(
                outcome.output == """
                    allocations of a new thread's first look: 0
                    allocations of its second run: 0

                    """)
        }
    #endif

    @Test func theHeaderIsCPlusPlusToo() throws {
        let outcome = try Compiler.run(
            try #require(Compiler.clang),
            ["-x", "c++", "-std=c++11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", Repository.header])
        #expect(outcome.status == 0, "\(outcome.errors)")
    }
}
