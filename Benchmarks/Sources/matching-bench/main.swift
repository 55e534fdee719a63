// Times the matching and prints the second-order loss of each method. Run in release.
// Not a test: nothing here passes or fails.

import Glibc
import PagefoldPacking

/// Processor time of this thread, so that neighbours on the machine do not count; the matching uses one thread.
func timed<Result>(_ body: () throws -> Result) rethrows -> (Result, String) {
    let start = processorMilliseconds()
    let result = try body()
    return (result, "\((processorMilliseconds() - start).rounded(.up)) ms")
}

func processorMilliseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
}

func report(_ label: String, _ assignment: PageAssignment, _ networks: [PagedWeights], _ time: String) throws
{
    let loss = try assignment.secondOrderLoss(of: networks)
    let most = assignment.occupancy.max() ?? 0
    print("  \(label): loss \(loss), \(time), at most \(most) pages on a frame")
}

func compare(_ networks: [PagedWeights], onto frames: Int) throws {
    let counts = networks.map(\.pageCount)
    print(
        "\(counts) pages of \(networks[0].pageSize) onto \(frames) frames, top 1 %: \(topShare(networks[0]))")
    let random = try timed { try matchRandomly(networks, onto: frames, seed: 1) }
    try report("random", random.0, networks, random.1)
    if counts.allSatisfy({ $0 <= frames }) {
        var generator = NormalGenerator(seed: 7)
        let noise = (0..<(frames * networks[0].pageSize)).map { _ in Float(0.01 * generator.next()) }
        let blind = try timed { try matchGreedily(networks, onto: frames, contents: noise) }
        try report("published greedy against noise", blind.0, networks, blind.1)
        let greedy = try timed { try matchGreedily(networks, onto: frames) }
        try report("published greedy, real contents", greedy.0, networks, greedy.1)
    }
    for start in MatchingStart.allCases {
        for (label, limit, rounds) in [
            ("start alone, even", .even, 0), ("refined, even", .even, 40), ("refined, no limit", .none, 40),
        ] as [(String, OccupancyLimit, Int)] {
            var settings = MatchingSettings()
            settings.starts = [start]
            settings.occupancy = limit
            settings.rounds = rounds
            let found = try timed { try match(networks, onto: frames, settings: settings) }
            let name = "\(start) \(label), \(found.0.history.count - 1) rounds"
            try report(name, found.0.assignment, networks, found.1)
        }
    }
    guard counts.allSatisfy({ $0 <= frames }) else { return }
    var apart = MatchingSettings()
    apart.occupancy = .none
    apart.keepsNetworksApart = true
    let found = try timed { try match(networks, onto: frames, settings: apart) }
    let name = "sequential refined, networks apart, \(found.0.history.count - 1) rounds"
    try report(name, found.0.assignment, networks, found.1)
}

/// One exact assignment of a network onto the contents of the pool, cost matrix and all: the second network of two.
func timeOneAssignment(pages: Int, pageSize: Int) throws {
    let networks = try (1...2).map {
        try syntheticNetwork("n\($0)", weights: pages * pageSize, pageSize: pageSize, seed: UInt64($0))
    }
    var settings = MatchingSettings()
    settings.starts = [.sequential]
    settings.rounds = 0
    let (_, time) = try timed { try match(networks, onto: pages, settings: settings) }
    let product = (0..<(pages * pages)).map { Float(($0 / pages + 1) * ($0 % pages + 1)) }
    let (_, hard) = try timed { try LinearAssignment.solve(costs: product, rows: pages, columns: pages) }
    var generator = NormalGenerator(seed: 3)
    let costs = (0..<(pages * pages)).map { _ in Float(generator.next()) }
    let (_, random) = try timed { try LinearAssignment.solve(costs: costs, rows: pages, columns: pages) }
    print(
        "\(pages) x \(pages) x \(pageSize): two networks matched in \(time); assignment of random costs \(random), of i·j \(hard)"
    )
}

func compareMethods() throws {
    try timeOneAssignment(pages: 665, pageSize: 100)
    try timeOneAssignment(pages: 131, pageSize: 512)
    let five = try [45_706, 65_531, 66_475, 45_490, 45_490].enumerated().map { index, weights in
        try syntheticNetwork("n\(index)", weights: weights, pageSize: 100, seed: UInt64(index + 1))
    }
    try compare(five, onto: 665)
    let four = try (1...4).map {
        try syntheticNetwork("n\($0)", weights: 131 * 512 - 40, pageSize: 512, seed: UInt64($0))
    }
    try compare(four, onto: 132)
    try compare(four, onto: 85)
}

// `--json`: the sizes as one document; else the methods.
if CommandLine.arguments.contains("--json") { try printSizes() } else { try compareMethods() }
