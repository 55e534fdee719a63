// Cases of tables and of layers that go through time. Not a test itself.

import PagefoldCore
import PagefoldGraph

extension OperationCase {
    static let sequences: [OperationCase] = embeddings + recurrentLayers + manyUnits

    private static let embeddings: [OperationCase] =
        [
            (Shape(channels: 7), 9, 5), (Shape(channels: 2, height: 3, width: 2), 4, 17),
            (Shape(channels: 1), 1, 1),
            (Shape(channels: 40), 6, 16),
        ].map { shape, rows, length in
            // Numbers of rows come from weights, which have no gradient from here. Some are below the table, some behind.
            OperationCase("embedding of \(shape) in \(rows) by \(length)", Shape(channels: 3), seed: 4) {
                $0.add(.dense(outputs: shape.count))
                let numbers = $0.add(.reshape(shape))
                let twice = $0.add(.add, from: [numbers, numbers])
                $0.add(.add, from: [twice, twice])
                $0.add(.embedding(rows: rows, length: length))
            }
        } + [
            OperationCase("embedding of the input, then an LSTM", Shape(channels: 6)) {
                $0.add(.embedding(rows: 3, length: 4))
                $0.add(.recurrent(RecurrentForm(.lstm), units: 3))
                $0.add(.dense(outputs: 4))
            }
        ]

    private static let recurrentLayers: [OperationCase] = RecurrentForm.Cell.allCases.flatMap { cell in
        [false, true].flatMap { isReversed in
            let form = RecurrentForm(cell, isReversed: isReversed)
            let name = "\(cell)\(isReversed ? " reversed" : "")"
            return [
                OperationCase("\(name), 4 moments", Shape(channels: 3)) {
                    $0.add(.dense(outputs: 4 * 5))
                    $0.add(.reshape(Shape(channels: 4, height: 5)))
                    $0.add(.recurrent(form, units: 3))
                },
                OperationCase("\(name) with a first state", Shape(channels: 3)) {
                    let numbers = $0.add(.dense(outputs: 3 * 2))
                    let x = $0.add(.reshape(Shape(channels: 3, height: 2)), from: [numbers])
                    let state = $0.add(.dense(outputs: 4 * form.states), from: [0])
                    $0.add(.recurrent(form, units: 4), from: [x, state])
                },
            ]
        }
    }

    /// More units and features than vectors and tiles have; without bias; one moment; a layer on a layer.
    private static let manyUnits: [OperationCase] = RecurrentForm.Cell.allCases.flatMap { cell in
        [
            OperationCase("\(cell) of 19 units on 18 features", Shape(channels: 3, height: 18)) {
                $0.add(.recurrent(RecurrentForm(cell), units: 19))
                $0.add(.dense(outputs: 2))
            },
            OperationCase("\(cell) of one moment without bias", Shape(channels: 1, height: 7)) {
                $0.add(.recurrent(RecurrentForm(cell), units: 2), bias: false)
            },
            OperationCase("\(cell) on \(cell)", Shape(channels: 5, height: 1)) {
                let form = RecurrentForm(cell)
                $0.add(.recurrent(form, units: 4))
                $0.add(.slice(axis: 1, start: 0, count: 4))
                $0.add(.recurrent(RecurrentForm(cell, isReversed: true), units: 3))
                $0.add(.slice(axis: 0, start: 0, count: 1))
            },
        ]
    }
}
