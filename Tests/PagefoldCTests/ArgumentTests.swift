// What C callers may get wrong, called through the header's declarations: a status or a null comes back, never a trap.

import CPagefold
import Foundation
import PagefoldCore
import PagefoldRuntime
import Testing

@Suite struct ArgumentTests {
    /// A file opened through the C functions, closed with this.
    private final class Handle {
        let fold: TemporaryFold
        let file: OpaquePointer

        init() throws {
            fold = try TemporaryFold()
            var file: OpaquePointer?
            #expect(pagefold_file_open(fold.path, &file, nil, 0) == PAGEFOLD_OK)
            self.file = try #require(file)
        }

        deinit { pagefold_file_close(file) }
    }

    /// Calls a function with a buffer for its text.
    private func told(
        size: Int = Int(PAGEFOLD_ERROR_SIZE), _ body: (UnsafeMutablePointer<CChar>, Int) -> pagefold_status
    ) -> (status: pagefold_status, text: String) {
        var buffer = [CChar](repeating: 35, count: max(size, 0) + 8)
        let status = buffer.withUnsafeMutableBufferPointer { body($0.baseAddress!, size) }
        #expect(buffer.suffix(8).allSatisfy { $0 == 35 })
        guard size > 0 else { return (status, "") }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        #expect(bytes.count < size)
        return (status, String(validating: bytes, as: UTF8.self) ?? "no UTF-8")
    }

    @Test func nullFilesAnswerNothing() {
        #expect(pagefold_file_network_count(nil) == 0)
        #expect(pagefold_file_network(nil, 0) == nil)
        pagefold_file_close(nil)
    }

    @Test func nullSessionsAnswerNothing() {
        #expect(pagefold_run(nil) == PAGEFOLD_BAD_ARGUMENT)
        #expect(pagefold_session_network(nil) == nil)
        #expect(pagefold_session_input(nil) == nil)
        #expect(pagefold_session_output(nil) == nil)
        pagefold_session_close(nil)
    }

    @Test func nullArgumentsOfOpeningAreTold() throws {
        var file: OpaquePointer?
        let path = told { pagefold_file_open(nil, &file, $0, $1) }
        #expect(path.status == PAGEFOLD_BAD_ARGUMENT)
        #expect(path.text == "pagefold_file_open: path: it is null; pass an address")
        #expect(told { pagefold_file_open("/no/such.fold", nil, $0, $1) }.status == PAGEFOLD_BAD_ARGUMENT)
        #expect(file == nil)
    }

    @Test func nullArgumentsOfFindingAreTold() throws {
        let handle = try Handle()
        var index = 7
        #expect(
            told { pagefold_file_find_network(nil, "vector", &index, $0, $1) }.status == PAGEFOLD_BAD_ARGUMENT
        )
        #expect(
            told { pagefold_file_find_network(handle.file, nil, &index, $0, $1) }.status
                == PAGEFOLD_BAD_ARGUMENT)
        #expect(
            told { pagefold_file_find_network(handle.file, "vector", nil, $0, $1) }.status
                == PAGEFOLD_BAD_ARGUMENT)
        let unknown = told { pagefold_file_find_network(handle.file, "none", &index, $0, $1) }
        #expect(unknown.status == PAGEFOLD_UNKNOWN_NETWORK)
        #expect(unknown.text.hasSuffix("choose one of picture, vector, naïve filter"))
        #expect(index == 7)
        let found = told { pagefold_file_find_network(handle.file, "naïve filter", &index, $0, $1) }
        #expect(found == (PAGEFOLD_OK, ""))
        #expect(index == 2)
    }

    @Test(arguments: [3, 4, Int.max, -1])
    func indexesOutOfRangeAreTold(index: Int) throws {
        let handle = try Handle()
        #expect(pagefold_file_network(handle.file, index) == nil)
        var session: OpaquePointer? = handle.file
        let told = told { pagefold_session_open(handle.file, index, nil, 0, &session, $0, $1) }
        #expect(told.status == PAGEFOLD_BAD_ARGUMENT)
        #expect(told.text.contains("index: \(UInt(bitPattern: index)), "), "\(told.text)")
        #expect(session == nil)
    }

    @Test func unfitArenasAreTold() throws {
        let handle = try Handle()
        let bytes = try #require(pagefold_file_network(handle.file, 0)).pointee.arena_bytes
        let arena = UnsafeMutableRawPointer.allocate(byteCount: bytes + 64, alignment: 64)
        defer { arena.deallocate() }
        var session: OpaquePointer?
        func open(_ arena: UnsafeMutableRawPointer, _ bytes: Int) -> (status: pagefold_status, text: String) {
            told { pagefold_session_open(handle.file, 0, arena, bytes, &session, $0, $1) }
        }
        let small = open(arena, bytes - 1)
        #expect(small.status == PAGEFOLD_BAD_ARGUMENT)
        #expect(small.text.contains("arena_bytes: \(bytes - 1), the network needs \(bytes)"))
        let crooked = open(arena + 4, bytes)
        #expect(crooked.status == PAGEFOLD_BAD_ARGUMENT)
        #expect(crooked.text.contains("no multiple of 64"))
        #expect(session == nil)
        #expect(open(arena, bytes) == (PAGEFOLD_OK, ""))
        pagefold_session_close(session)
        #expect(pagefold_session_open(handle.file, 0, arena, bytes, nil, nil, 0) == PAGEFOLD_BAD_ARGUMENT)
        #expect(pagefold_session_open(nil, 0, arena, bytes, &session, nil, 0) == PAGEFOLD_BAD_ARGUMENT)
    }

    @Test func networksAreDescribedAsInTheFile() throws {
        let handle = try Handle()
        let file = try FoldFile(path: handle.fold.path)
        #expect(pagefold_file_network_count(handle.file) == 3)
        for (index, view) in file.reader.networks.enumerated() {
            let network = try #require(pagefold_file_network(handle.file, index)).pointee
            #expect(String(cString: network.name) == view.text.name)
            #expect(String(cString: network.preprocessing) == view.text.preprocessing)
            let classes = (0..<network.class_count).map { String(cString: network.classes[$0]!) }
            #expect(classes == view.text.classes)
            let (input, output) = (network.input, network.output)
            #expect(
                Shape(channels: input.channels, height: input.height, width: input.width)
                    == view.program.inputShape)
            #expect(network.input_count == view.program.inputShape.count)
            #expect(
                Shape(channels: output.channels, height: output.height, width: output.width)
                    == view.program.values[view.program.output])
            #expect(network.output_count == view.program.outputCount)
            #expect((network.is_probability == 1) == (index == 0))
            #expect(network.arena_bytes == (try file.arenaBytes(view.text.name)))
        }
    }

    @Test func aFileWithANameTwiceIsRefused() throws {
        let fold = try TemporaryFold { $0 == "vector" ? "picture" : $0 }
        var file: OpaquePointer?
        let told = told { pagefold_file_open(fold.path, &file, $0, $1) }
        #expect(told.status == PAGEFOLD_BAD_FILE)
        #expect(told.text.contains("network 1: another one is called picture"))
        #expect(file == nil)
    }

    /// Every size: the text is cut between characters, closed with a zero, and nothing is written behind it.
    @Test func errorTextsAreCutToTheBuffer() throws {
        let path = "/no/ü—😀.fold"
        var file: OpaquePointer?
        let whole = told { pagefold_file_open(path, &file, $0, $1) }.text
        #expect(whole.hasPrefix(path))
        for size in 0...whole.utf8.count + 2 {
            let (status, text) = told(size: size) { pagefold_file_open(path, &file, $0, $1) }
            #expect(status == PAGEFOLD_BAD_FILE)
            #expect(whole.hasPrefix(text))
            if size > 0 { #expect(text.utf8.count > size - 5 || text == whole) }
        }
        var buffer = [CChar](repeating: 35, count: 200)
        #expect(pagefold_file_open(path, &file, &buffer, -1) == PAGEFOLD_BAD_FILE)  // SIZE_MAX
        #expect(
            String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) == whole)
        #expect(pagefold_file_open(path, &file, nil, 200) == PAGEFOLD_BAD_FILE)
    }

    @Test(arguments: [0, 1, 63, 64, 200])
    func damagedFilesAreTold(length: Int) throws {
        let fold = try TemporaryFold()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: fold.path)).prefix(length)
        let path = try fold.write(bytes, as: "damaged.fold")
        var file: OpaquePointer?
        let told = told { pagefold_file_open(path, &file, $0, $1) }
        #expect(told.status == PAGEFOLD_BAD_FILE)
        let reason = #expect(throws: InputError.self) { try FoldFile(path: path) }
        #expect(told.text == reason?.description)
        #expect(file == nil)
    }
}
