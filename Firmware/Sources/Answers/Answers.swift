// Runs one network of a fold file on a board: arguments are the fold file, the network and a file of float32 numbers. The
// bits of the answers go to the host, which compares them with its own, then the memory that was in use.

import Board
import PagefoldCore

/// A file of the host at a multiple of 64, as a fold file must lie.
func read(_ path: UnsafePointer<CChar>) -> UnsafeMutableRawBufferPointer {
    let size = board_file_size(path)
    guard size >= 0 else { stop("a file is missing\n") }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(size, 1), alignment: 64)
    guard board_read(path, buffer.baseAddress, Int(size)) == size else { stop("a file cannot be read\n") }
    return UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(size)])
}

func stop(_ message: StaticString) -> Never {
    message.withUTF8Buffer { text in
        text.withMemoryRebound(to: CChar.self) { board_print($0.baseAddress) }
    }
    board_exit(2)
}

func printMemory(_ name: StaticString, _ bytes: Int) {
    name.withUTF8Buffer { text in
        text.withMemoryRebound(to: CChar.self) { board_print($0.baseAddress) }
    }
    board_print_number(UInt32(bytes))
    board_print("\n")
}

@main enum Answers {
    static func main() {
        let line = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 512)
        line.initialize(repeating: 0)
        board_arguments(line.baseAddress, 512)
        // The emulator puts the name of the program first.
        var words = [UnsafePointer<CChar>]()
        var isInside = false
        for index in 0..<511 where line[index] != 0 {
            let isSpace = line[index] == 32
            if isSpace { line[index] = 0 } else if !isInside { words.append(line.baseAddress! + index) }
            isInside = !isSpace
        }
        guard words.count >= 3 else { stop("arguments: FOLD INDEX SAMPLE\n") }
        let count = words.count
        var index = 0
        var digit = words[count - 2]
        while digit.pointee != 0 {
            index = index * 10 + Int(digit.pointee) - 48
            digit += 1
        }
        let file = read(words[count - 3])
        do throws(FoldError) {
            let reader = try FoldReader(UnsafeRawBufferPointer(file))
            guard reader.networks.indices.contains(index) else { stop("there is no such network\n") }
            run(reader.networks[index], read(words[count - 1]))
        } catch { stop("the fold file is refused\n") }
        board_exit(0)
    }

    static func run(_ network: NetworkView, _ sample: UnsafeMutableRawBufferPointer) {
        let program = network.program
        guard program.inputs == 1, sample.count == 4 * program.inputShape.count else {
            stop("the sample does not fit\n")
        }
        let arena = UnsafeMutablePointer<Float>.allocate(capacity: max(program.arenaCount, 1))
        let states = UnsafeMutablePointer<Float>.allocate(capacity: program.stateCount + 1)
        states.initialize(repeating: 0, count: program.stateCount + 1)
        let interpreter = Interpreter(
            program: program, weights: network.weights, arena: arena, states: states)
        interpreter.input.update(
            from: sample.bindMemory(to: Float.self).baseAddress!, count: program.inputShape.count)
        interpreter.run()
        for output in program.outputs.indices {
            let answer = interpreter.output(at: output)
            for i in 0..<program.values[program.outputs[output].value].count {
                board_print_word(answer[i].bitPattern)
                board_print("\n")
            }
        }
        printMemory("arena ", 4 * program.arenaCount)
        printMemory("heap ", Int(board_most_heap()))
        printMemory("stack ", Int(board_most_stack()))
    }
}
