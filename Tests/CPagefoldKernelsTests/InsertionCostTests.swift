// The costs of a page on many frames against sums in Double.
import CPagefoldKernels
import Testing

@Suite struct InsertionCostTests {
    /// Counts around the width of a vector, so that both loops and the frames left over are met.
    @Test(arguments: [1, 3, 4, 7, 16, 37], instructionSets)
    func insertionCosts(count: Int, set: String) {
        let (stride, frameCount) = (48, 40)
        let fisher = Floats(random: stride, seed: 1)
        let weights = Floats(random: stride, seed: 2)
        let frameFisher = Floats(random: frameCount * stride, seed: 3)
        let frameMean = Floats(random: frameCount * stride, seed: 4)
        for i in 0..<stride { fisher[i] = i % 5 == 0 ? 0 : abs(fisher[i]) }
        for i in 0..<frameFisher.count { frameFisher[i] = i % 7 == 0 ? 0 : abs(frameFisher[i]) * 1e3 }
        let chosen = (0..<count).map { Int32(($0 * 11 + 3) % frameCount) }
        for frames in [chosen, nil] {
            let costs = Floats(count)
            with(set) {
                pf_insertion_costs(
                    count, frames, stride, fisher.pointer, weights.pointer, frameFisher.pointer,
                    frameMean.pointer, costs.pointer)
            }
            let exact = (0..<count).map { index in
                let frame = frames.map { Int($0[index]) } ?? index
                return (0..<stride).reduce(0.0) { sum, i in
                    let f1 = Double(fisher[i])
                    let f2 = Double(frameFisher[frame * stride + i])
                    let d = Double(weights[i]) - Double(frameMean[frame * stride + i])
                    return f1 + f2 > 0 ? sum + f1 * f2 / (f1 + f2) * d * d : sum
                }
            }
            #expect(error(costs, exact) < 1e-6)
        }
    }

    /// Where a frame stands in the list must not show in its cost: refinement compares costs of different lists.
    @Test(arguments: instructionSets)
    func aFrameCostsTheSameWhereverItStands(set: String) {
        let (stride, frameCount) = (32, 40)
        let page = (Floats(random: stride, seed: 5), Floats(random: stride, seed: 6))
        for i in 0..<stride { page.0[i] = abs(page.0[i]) }
        let frameFisher = Floats(random: frameCount * stride, seed: 7)
        for i in 0..<frameFisher.count { frameFisher[i] = abs(frameFisher[i]) }
        let frameMean = Floats(random: frameCount * stride, seed: 8)
        let all = Floats(frameCount)
        let one = Floats(1)
        with(set) {
            pf_insertion_costs(
                frameCount, nil, stride, page.0.pointer, page.1.pointer, frameFisher.pointer,
                frameMean.pointer, all.pointer)
            for frame in 0..<frameCount {
                pf_insertion_costs(
                    1, [Int32(frame)], stride, page.0.pointer, page.1.pointer, frameFisher.pointer,
                    frameMean.pointer, one.pointer)
                #expect(one[0] == all[frame])
            }
        }
    }
}
