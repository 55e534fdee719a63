// From the tables of a TFLite file to values. The numbers of fields are those of TensorFlow's schema; here is the only place
// that knows them, but for the options of operators.

import PagefoldCore

/// Decodes the parts of one file.
struct TFLiteDecoding {
    let bytes: [UInt8]
    let file: String
    /// Elements of lists, all together: tables of a damaged file may share one long list.
    var limit: NumberLimit

    init(bytes: [UInt8], file: String) {
        self.bytes = bytes
        self.file = file
        limit = NumberLimit(bytes.count + 1 << 20)
    }

    /// Reads a part of the file; damage becomes an error with its place.
    mutating func at<Value>(
        _ place: @autoclosure () -> String,
        _ read: (inout NumberLimit) throws(FlatBufferDamage) -> Value
    ) throws(InputError) -> Value {
        do { return try read(&limit) } catch { throw TFLiteModel.damage(file, place(), error.text) }
    }

    /// All tables of a list, each read by a function.
    private mutating func all<Value>(
        _ tables: FlatTables, _ place: String,
        _ read: (FlatTable, Int, inout NumberLimit) throws(FlatBufferDamage) -> Value
    ) throws(InputError) -> [Value] {
        var result: [Value] = []
        result.reserveCapacity(tables.count)
        for index in 0..<tables.count {
            result.append(
                try at("\(place) \(index)") { limit throws(FlatBufferDamage) in
                    try read(try tables.table(index), index, &limit)
                })
        }
        return result
    }

    // MARK: Model

    mutating func buffers(_ root: FlatTable) throws(InputError) -> [Range<Int>] {
        let tables = try at("buffers") { limit throws(FlatBufferDamage) in try root.tables(4, &limit) }
        let size = bytes.count
        return try all(tables, "buffer") { table, _, _ throws(FlatBufferDamage) in
            if let range = try table.bytes(0) { return range }
            // Files beyond 2 GB keep buffers behind the FlatBuffer; offsets 0 and 1 say that there is none.
            let offset = try table.number(1, UInt64(0))
            guard offset > 1 else { return 0..<0 }
            guard let start = Int(exactly: offset), let count = Int(exactly: try table.number(2, UInt64(0))),
                start <= size, count <= size - start
            else { throw FlatBufferDamage(text: "it lies outside") }
            return start..<start + count
        }
    }

    mutating func codes(_ root: FlatTable) throws(InputError) -> [(code: Int, customName: String)] {
        let tables = try at("operator codes") { limit throws(FlatBufferDamage) in try root.tables(1, &limit) }
        return try all(tables, "operator code") { table, _, limit throws(FlatBufferDamage) in
            // The first field holds codes below 127 and is all that old files have.
            let old = Int(try table.number(0, Int8(0)))
            return (max(old, Int(try table.number(3, Int32(0)))), try table.text(1, &limit) ?? "")
        }
    }

    mutating func subgraphs(
        _ root: FlatTable, codes: [(code: Int, customName: String)], buffers: Int
    ) throws(InputError) -> [TFLiteSubgraph] {
        let tables = try at("subgraphs") { limit throws(FlatBufferDamage) in try root.tables(2, &limit) }
        guard tables.count > 0 else { throw TFLiteModel.damage(file, "subgraphs", "there is none") }
        var result: [TFLiteSubgraph] = []
        for index in 0..<tables.count {
            let place = index == 0 ? "" : "subgraph \(index): "
            let table = try at("subgraph \(index)") { _ throws(FlatBufferDamage) in try tables.table(index) }
            result.append(try subgraph(table, place, codes, buffers))
        }
        return result
    }

    private mutating func subgraph(
        _ table: FlatTable, _ place: String, _ codes: [(code: Int, customName: String)], _ buffers: Int
    ) throws(InputError) -> TFLiteSubgraph {
        let (tensorTables, operatorTables, name) = try at(place + "tables") {
            limit throws(FlatBufferDamage) in
            (try table.tables(0, &limit), try table.tables(3, &limit), try table.text(4, &limit) ?? "")
        }
        let tensors = try all(tensorTables, place + "tensor") { table, _, limit throws(FlatBufferDamage) in
            try Self.tensor(table, buffers, &limit)
        }
        let operators = try all(operatorTables, place + "operator") {
            table, index, limit throws(FlatBufferDamage) in
            try Self.decodedOperator(table, index, codes, tensors.count, &limit)
        }
        let (inputs, outputs) = try at(place + "inputs and outputs") { limit throws(FlatBufferDamage) in
            (
                try Self.references(table, 1, tensors.count, optional: false, &limit),
                try Self.references(table, 2, tensors.count, optional: false, &limit)
            )
        }
        return TFLiteSubgraph(
            name: name, tensors: tensors, inputs: inputs, outputs: outputs, operators: operators)
    }

    mutating func signatures(
        _ root: FlatTable, _ subgraphs: [TFLiteSubgraph]
    ) throws(InputError) -> [TFLiteSignature] {
        let tables = try at("signatures") { limit throws(FlatBufferDamage) in try root.tables(7, &limit) }
        return try all(tables, "signature") { table, _, limit throws(FlatBufferDamage) in
            guard let subgraph = Int(exactly: try table.number(4, UInt32(0))), subgraph < subgraphs.count
            else {
                throw FlatBufferDamage(text: "it names no subgraph")
            }
            return TFLiteSignature(
                key: try table.text(2, &limit) ?? "", subgraph: subgraph,
                inputs: try Self.names(table, 0, &limit), outputs: try Self.names(table, 1, &limit))
        }
    }

    private static func names(
        _ table: FlatTable, _ field: Int, _ limit: inout NumberLimit
    ) throws(FlatBufferDamage) -> [Int: String] {
        let maps = try table.tables(field, &limit)
        var result: [Int: String] = [:]
        for index in 0..<maps.count {
            let map = try maps.table(index)
            guard let tensor = Int(exactly: try map.number(1, UInt32(0))) else { continue }
            result[tensor] = try map.text(0, &limit)
        }
        return result
    }

    // MARK: Subgraphs

    private static func decodedOperator(
        _ table: FlatTable, _ index: Int, _ codes: [(code: Int, customName: String)], _ tensors: Int,
        _ limit: inout NumberLimit
    ) throws(FlatBufferDamage) -> TFLiteOperator {
        guard let code = Int(exactly: try table.number(0, UInt32(0))), code < codes.count else {
            throw FlatBufferDamage(text: "it names no operator code")
        }
        return TFLiteOperator(
            index: index, code: codes[code].code, customName: codes[code].customName,
            inputs: try references(table, 1, tensors, optional: true, &limit),
            outputs: try references(table, 2, tensors, optional: true, &limit),
            options: TFLiteOptions(
                kind: Int(try table.number(3, UInt8(0))), table: try table.table(4)),
            customOptions: try table.bytes(5) ?? 0..<0)
    }

    /// A list of tensors.
    private static func references(
        _ table: FlatTable, _ field: Int, _ tensors: Int, optional: Bool, _ limit: inout NumberLimit
    ) throws(FlatBufferDamage) -> [Int] {
        let result = (try table.numbers(field, Int32.self, &limit) ?? []).map { Int($0) }
        let least = optional ? -1 : 0
        guard let wrong = result.first(where: { $0 < least || $0 >= tensors }) else { return result }
        throw FlatBufferDamage(text: "it names tensor \(wrong) of \(tensors)")
    }

    private static func tensor(
        _ table: FlatTable, _ buffers: Int, _ limit: inout NumberLimit
    ) throws(FlatBufferDamage) -> TFLiteTensor {
        guard let buffer = Int(exactly: try table.number(2, UInt32(0))), buffer < max(1, buffers) else {
            throw FlatBufferDamage(text: "it names no buffer")
        }
        let sizes = (try table.numbers(0, Int32.self, &limit) ?? []).map { Int($0) }
        let signature = (try table.numbers(7, Int32.self, &limit) ?? []).map { Int($0) }
        return TFLiteTensor(
            name: try table.text(3, &limit) ?? "", sizes: sizes,
            signature: signature.count == sizes.count ? signature : [],
            type: TFLiteType(rawValue: Int(try table.number(1, Int8(0)))) ?? .unknown, buffer: buffer,
            quantisation: try table.table(4).flatMap { quantisation throws(FlatBufferDamage) in
                try Self.quantisation(quantisation, &limit)
            },
            isVariable: try table.flag(5),
            sparsity: try table.table(6).map { sparsity throws(FlatBufferDamage) in
                try Self.sparsity(sparsity, &limit)
            })
    }

    private static func quantisation(
        _ table: FlatTable, _ limit: inout NumberLimit
    ) throws(FlatBufferDamage) -> TFLiteQuantisation? {
        let scales = try table.numbers(2, UInt32.self, &limit) ?? []
        let zeroPoints = try table.numbers(3, Int64.self, &limit) ?? []
        let details = try table.number(4, UInt8(0))
        guard !scales.isEmpty || details != 0 else { return nil }
        return TFLiteQuantisation(
            scales: scales.map { Float(bitPattern: $0) }, zeroPoints: zeroPoints.map { Int(clamping: $0) },
            axis: Int(try table.number(6, Int32(0))), isIntricate: details != 0)
    }

    private static func sparsity(
        _ table: FlatTable, _ limit: inout NumberLimit
    ) throws(FlatBufferDamage) -> TFLiteSparsity {
        let axes = try table.tables(2, &limit)
        var result = TFLiteSparsity(
            order: (try table.numbers(0, Int32.self, &limit) ?? []).map { Int($0) },
            blockAxes: (try table.numbers(1, Int32.self, &limit) ?? []).map { Int($0) }, axes: [])
        for index in 0..<axes.count {
            let axis = try axes.table(index)
            result.axes.append(
                TFLiteSparsity.Axis(
                    isCompressed: try axis.number(0, Int8(0)) == 1,
                    denseSize: Int(try axis.number(1, Int32(0))),
                    segments: try whole(axis, kind: 2, &limit), indices: try whole(axis, kind: 4, &limit)))
        }
        return result
    }

    /// A list of whole numbers that is kept in one of three widths.
    private static func whole(
        _ axis: FlatTable, kind: Int, _ limit: inout NumberLimit
    ) throws(FlatBufferDamage) -> [Int] {
        guard let list = try axis.table(kind + 1) else { return [] }
        return switch try axis.number(kind, UInt8(0)) {
        case 1: (try list.numbers(0, Int32.self, &limit) ?? []).map { Int($0) }
        case 2: (try list.numbers(0, UInt16.self, &limit) ?? []).map { Int($0) }
        case 3: (try list.numbers(0, UInt8.self, &limit) ?? []).map { Int($0) }
        default: []
        }
    }
}
