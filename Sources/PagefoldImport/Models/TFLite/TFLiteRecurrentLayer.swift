// The matrices of a loop's body that could be those of a recurrent layer, and the cells that they would make. Which of them it is,
// is found out by TFLiteProbe.

import PagefoldCore
import PagefoldData
import PagefoldGraph

/// Two matrices of a loop's body that fit a recurrent layer.
struct TFLiteRecurrentLayer {
    private var input: ConstantTensor
    private var recurrent: ConstantTensor
    private var inputBias: [Double]
    private var recurrentBias: [Double]
    /// What an LSTM adds to its gates, from wherever it comes.
    private var biases: [Double]
    let gates: Int

    var units: Int { recurrent.shape[1] }
    var features: Int { input.shape[1] }

    private static let mostProducts = 8

    /// A product of the body: [out][in] and what is added to it.
    private struct Product {
        var weight: ConstantTensor
        var bias: [Double]
    }

    static func all(in body: inout TFLiteTranslation) -> [TFLiteRecurrentLayer] {
        let products = products(in: &body)
        guard products.count <= mostProducts else { return [] }
        var result: [TFLiteRecurrentLayer] = []
        for gates in [3, 4] {
            for second in products.indices {
                let (rows, columns) = (products[second].weight.shape[0], products[second].weight.shape[1])
                guard rows % gates == 0 else { continue }
                let units = rows / gates
                let biases = biases(in: &body, rows)
                func layer(
                    _ input: ConstantTensor, _ recurrent: ConstantTensor, _ first: [Double], _ last: [Double]
                ) -> TFLiteRecurrentLayer {
                    TFLiteRecurrentLayer(
                        input: input, recurrent: recurrent, inputBias: first, recurrentBias: last,
                        biases: biases,
                        gates: gates)
                }
                if columns == units {
                    for first in products.indices
                    where first != second && products[first].weight.shape[0] == rows {
                        result.append(
                            layer(
                                products[first].weight, products[second].weight, products[first].bias,
                                products[second].bias))
                    }
                } else if columns > units {
                    // One matrix for both, side by side in either order.
                    let (weight, bias) = (products[second].weight, products[second].bias)
                    let zeros = [Double](repeating: 0, count: rows)
                    func part(_ range: Range<Int>) -> ConstantTensor {
                        weight.taken(
                            axis: 1, start: range.lowerBound, count: range.count, pace: 1, .constant, 0)
                    }
                    result.append(
                        layer(part(0..<columns - units), part(columns - units..<columns), bias, zeros))
                    result.append(layer(part(units..<columns), part(0..<units), bias, zeros))
                }
            }
        }
        return result
    }

    private static func products(in body: inout TFLiteTranslation) -> [Product] {
        var result: [Product] = []
        for op in body.frame.graph.operators {
            let code = TFLiteCode(rawValue: op.code)
            guard code == .fullyConnected || code == .batchMatmul, let tensor = body.reference(op, 1),
                let weight = try? body.value(of: tensor), var matrix = weight.value.constant,
                matrix.shape.count == 2, Translation.count(matrix.shape) != nil
            else { continue }
            if code == .batchMatmul, (try? op.options.flag(1)) == false {
                matrix = matrix.transposed([1, 0])
            }
            var bias = [Double](repeating: 0, count: matrix.shape[0])
            func add(_ vector: ConstantTensor?) {
                guard let vector, vector.values.count == bias.count else { return }
                for i in bias.indices { bias[i] += vector.values[i] }
            }
            if code == .fullyConnected { add((try? body.bias(op, 2, weight: 1))?.value.constant) }
            for reader in op.outputs.first.flatMap({ body.frame.readers[$0] }) ?? [] {
                let next = body.frame.graph.operators[reader]
                guard next.code == TFLiteCode.add.rawValue else { continue }
                for other in next.inputs where other >= 0 && other != op.outputs[0] {
                    add((try? body.value(of: other))?.value.constant)
                }
            }
            result.append(Product(weight: matrix, bias: bias))
        }
        return result
    }

    /// The sum of all constant vectors of a size that the body adds anywhere.
    private static func biases(in body: inout TFLiteTranslation, _ count: Int) -> [Double] {
        var sum = [Double](repeating: 0, count: count)
        for op in body.frame.graph.operators {
            let places: [Int] =
                switch TFLiteCode(rawValue: op.code) {
                case .fullyConnected: [2]
                case .add: [0, 1]
                default: []
                }
            for place in places {
                let vector =
                    place == 2
                    ? (try? body.bias(op, 2, weight: 1))?.value.constant
                    : body.reference(op, place).flatMap { (try? body.value(of: $0))?.value.constant }
                guard let vector, vector.values.count == count else { continue }
                for i in sum.indices { sum[i] += vector.values[i] }
            }
        }
        return sum
    }

    // MARK: Cells

    /// The first cell that is as asked, of every kind and with its gates in every order.
    func cell(where isAsked: (TFLiteCell) -> Bool) -> TFLiteCell? {
        let kinds: [RecurrentKind] =
            gates == 4 ? [.lstm] : [.gru(linearBeforeReset: true), .gru(linearBeforeReset: false)]
        for kind in kinds {
            for order in Self.orders(gates) {
                let cell = cell(kind, order)
                if isAsked(cell) { return cell }
            }
        }
        return nil
    }

    /// - Parameter order: for each gate in the order of `Translation.recurrent`, its place here.
    private func cell(_ kind: RecurrentKind, _ order: [Int]) -> TFLiteCell {
        func rows(_ values: [Double]) -> [Double] {
            let size = values.count / gates
            return order.flatMap { Array(values[$0 * size..<($0 + 1) * size]) }
        }
        func tensor(_ shape: [Int], _ values: [Double]) -> ConstantTensor {
            ConstantTensor(elementType: .f32, shape: shape, values: rows(values))
        }
        let isSum = kind == .lstm
        let zeros = [Double](repeating: 0, count: recurrentBias.count)
        return TFLiteCell(
            kind: kind, inputWeight: tensor(input.shape, input.values),
            recurrentWeight: tensor(recurrent.shape, recurrent.values),
            inputBias: tensor([zeros.count], isSum ? biases : inputBias),
            recurrentBias: tensor([zeros.count], isSum ? zeros : recurrentBias))
    }

    private static func orders(_ count: Int) -> [[Int]] {
        guard count > 1 else { return [[0]] }
        return orders(count - 1).flatMap { order in
            (0...order.count).map { place in
                var longer = order
                longer.insert(count - 1, at: place)
                return longer
            }
        }
    }
}
