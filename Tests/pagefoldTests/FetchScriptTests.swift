// Benchmarks/fetch.sh on a list of its own and a folder that stands in for the network: what it fetches, leaves and refuses.

import Foundation
import PagefoldTestCases
import Testing

@Suite struct FetchScriptTests {
    private final class Place {
        let path = NSTemporaryDirectory() + "pagefold-fetch-\(UUID().uuidString)"

        /// A folder with a file, a .gz and an archive, and a list of them.
        init() throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let made = try run(
                #"""
                mkdir -p far/data members/a
                printf plain > far/data/plain
                printf packed | gzip > far/data/packed.gz
                printf one > members/a/1; printf two > members/2
                tar czf far/data/members.tar.gz -C members .
                sum() { sha256sum | cut -d' ' -f1; }
                inside=$(cd members && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sum)
                {
                    echo '# a list'
                    printf 'data/plain\tfile\t%s\tfile://%s/far/data/plain\n' $(printf plain | sum) "$PWD"
                    printf 'data/packed.gz\tgz\t%s\tfile://%s/far/data/packed.gz\n' $(printf packed | sum) "$PWD"
                    printf 'data/members.tar.gz\ttar\t%s\t- made from members\n' $inside
                } > list
                """#)
            try #require(made.status == 0, "\(made.output)")
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func run(_ command: String) throws -> (status: Int32, output: String) {
            try GuideWalkTests.run(command, in: path)
        }

        /// The script on the list, into `near`.
        func fetch(_ arguments: String = "") throws -> (status: Int32, output: String) {
            try run("PAGEFOLD_SOURCES=$PWD/list $PAGEFOLD/Benchmarks/fetch.sh \(arguments) near")
        }

        func text(_ name: String) -> String? {
            try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
        }
    }

    private static let hasCurl =
        (try? GuideWalkTests.run("command -v curl && command -v bash", in: NSTemporaryDirectory()))?.status
        == 0

    @Test(.enabled(if: hasCurl, "curl is not installed")) func whatIsThereIsVerifiedAndLeft() throws {
        let place = try Place()
        let first = try place.fetch()
        #expect(first.status == 1, "\(first.output)")
        #expect(first.output.contains("data/members.tar.gz: missing; made from members"))
        #expect(first.output.contains("0 there, 2 fetched, 1 missing, 0 with other contents"))
        #expect(place.text("near/data/plain") == "plain")

        // Another archive of the same members, as people make it, and another compressor's file.
        let made = try place.run(
            "tar czf near/data/members.tar.gz -C members ./2 ./a; printf packed | gzip -1 -n > near/data/packed.gz"
        )
        #expect(made.status == 0)
        let second = try place.fetch()
        #expect(second.status == 0, "\(second.output)")
        #expect(second.output.contains("3 there, 0 fetched, 0 missing, 0 with other contents"))

        _ = try place.run("printf mine > near/data/plain")
        let third = try place.fetch()
        #expect(
            third.status == 1
                && third.output.contains("data/plain: its contents are not those of the records"))
        #expect(place.text("near/data/plain") == "mine")
    }

    @Test(.enabled(if: hasCurl, "curl is not installed")) func whatIsWrongIsNotKept() throws {
        let place = try Place()
        _ = try place.run("printf other > far/data/plain; rm far/data/packed.gz")
        let wrong = try place.fetch()
        #expect(wrong.status == 1, "\(wrong.output)")
        #expect(wrong.output.contains("is not what the records were made with, and was deleted"))
        #expect(wrong.output.contains("data/packed.gz: missing; file://"))
        #expect(try place.run("find near -type f").output == "")
    }

    @Test(.enabled(if: hasCurl, "curl is not installed")) func aCopyAndAPartCanBeTaken() throws {
        let place = try Place()
        let check = try place.fetch("--check --only data/p")
        #expect(
            check.status == 1 && check.output.contains("0 there, 0 fetched, 2 missing"), "\(check.output)")
        let copied = try place.fetch("--from file://$PWD/far --only data/members")
        #expect(copied.status == 0 && copied.output.contains("1 fetched"), "\(copied.output)")
        #expect(try place.run("find near -type f").output == "near/data/members.tar.gz\n")
        let unknown = try place.fetch("--form x")
        #expect(unknown.status == 64 && unknown.output.contains("--form is not known"), "\(unknown.output)")
    }

    /// Every file that a job of the repository names is in the list, or in a folder that is.
    @Test func theListHasWhatTheJobsName() throws {
        let folder = GuideWalkTests.root.appendingPathComponent("Benchmarks")
        let listed = try String(contentsOf: folder.appendingPathComponent("sources.tsv"), encoding: .utf8)
            .split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
                $0.split(separator: "\t").map(String.init)
            }
        for row in listed {
            #expect(
                row.count == 4 && row[2].count == 64 && ["file", "gz", "tar", "folder"].contains(row[1]),
                "\(row)")
        }
        let jobs = folder.appendingPathComponent("jobs")
        for job in try FileManager.default.contentsOfDirectory(atPath: jobs.path) where job.hasSuffix(".yaml")
        {
            let text = try String(contentsOf: jobs.appendingPathComponent(job), encoding: .utf8)
            for line in text.split(separator: "\n") where !line.contains("# not read") {
                for match in line.matches(of: /\/shared\/([A-Za-z0-9_.\/-]+)/) {
                    let path = String(match.1)
                    #expect(
                        listed.contains { path == $0[0] || path.hasPrefix($0[0] + "/") }, "\(job): \(path)")
                }
            }
        }
    }
}
