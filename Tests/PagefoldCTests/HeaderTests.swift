// The header says what the library does: same functions, same types, same version.

import CPagefold
import Foundation
import PagefoldC
import PagefoldCore
import Testing

@Suite struct HeaderTests {
    /// Compiles only where the header's declaration and the function behind it have one type.
    private func agree<each Argument, Result>(
        _ declared: (repeat each Argument) -> Result, _ implemented: (repeat each Argument) -> Result
    ) -> Int { 1 }

    /// A function that is missing from this list is not compared: the count makes adding one an open step.
    @Test func declarationsAgreeWithTheFunctionsBehindThem() throws {
        let compared =
            agree(pagefold_file_open, PagefoldC.openFile(_:_:_:_:))
            + agree(pagefold_file_open_in, PagefoldC.openFile(_:_:_:_:_:))
            + agree(pagefold_file_close, PagefoldC.closeFile)
            + agree(pagefold_file_network_count, PagefoldC.networkCount)
            + agree(pagefold_file_network, PagefoldC.network(_:_:))
            + agree(pagefold_file_find_network, PagefoldC.findNetwork)
            + agree(pagefold_session_open, PagefoldC.openSession(_:_:_:_:_:_:_:))
            + agree(pagefold_session_close, PagefoldC.closeSession)
            + agree(pagefold_session_network, PagefoldC.network(of:))
            + agree(pagefold_session_input, PagefoldC.input)
            + agree(pagefold_session_output, PagefoldC.output)
            + agree(pagefold_session_input_at, PagefoldC.input(_:at:))
            + agree(pagefold_session_output_at, PagefoldC.output(_:at:))
            + agree(pagefold_session_reset, PagefoldC.reset)
            + agree(pagefold_run, PagefoldC.run)
            + agree(pagefold_session_load, PagefoldC.load)
            + agree(pagefold_session_unload, PagefoldC.unload)
            + agree(pagefold_session_prefetch, PagefoldC.prefetch)
            + agree(pagefold_batch_open, PagefoldC.openBatch)
            + agree(pagefold_batch_close, PagefoldC.closeBatch)
            + agree(pagefold_batch_run, PagefoldC.runBatch)
            + agree(pagefold_batch_run_ports, PagefoldC.runBatch)
            + agree(pagefold_live_open, PagefoldC.openLive)
            + agree(pagefold_live_close, PagefoldC.closeLive)
            + agree(pagefold_live_refresh, PagefoldC.refresh)
            + agree(pagefold_live_generation, PagefoldC.generation)
            + agree(pagefold_live_file, PagefoldC.newestFile)
            + agree(pagefold_instruction_set, PagefoldC.instructionSet)
        let header = try String(contentsOfFile: Repository.header, encoding: .utf8)
        // pagefold_version is C itself.
        #expect(header.matches(of: /\bpagefold_[a-z_]+\(/).count == compared + 1)
    }

    @Test func versionIsThatOfThePackage() {
        #expect(PAGEFOLD_VERSION == pagefoldVersion)
        #expect(String(cString: pagefold_version()) == pagefoldVersion)
    }
}
