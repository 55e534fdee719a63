// Operators and element types by their numbers in TensorFlow's schema. What they mean is elsewhere.

import PagefoldData

/// The operators that are read.
enum TFLiteCode: Int, Sendable {
    case add = 0, averagePool2D = 1, concatenation = 2, conv2D = 3, depthwiseConv2D = 4, depthToSpace = 5
    case dequantize = 6, embeddingLookup = 7, floor = 8, fullyConnected = 9, l2Normalization = 11
    case l2Pool2D = 12, logistic = 14, lstm = 16, maxPool2D = 17, mul = 18, relu = 19, reluN1To1 = 20
    case relu6 = 21, reshape = 22, resizeBilinear = 23, rnn = 24, softmax = 25, spaceToDepth = 26
    case svdf = 27, tanh = 28, custom = 32, pad = 34, unidirectionalSequenceRnn = 35, gather = 36
    case batchToSpaceND = 37, spaceToBatchND = 38, transpose = 39, mean = 40, sub = 41, div = 42
    case squeeze = 43, unidirectionalSequenceLstm = 44, stridedSlice = 45, bidirectionalSequenceRnn = 46
    case exp = 47, split = 49, logSoftmax = 50, bidirectionalSequenceLstm = 52, cast = 53, prelu = 54
    case maximum = 55, argMax = 56, minimum = 57, less = 58, neg = 59, padv2 = 60, greater = 61
    case greaterEqual = 62, lessEqual = 63, select = 64, slice = 65, transposeConv = 67, tile = 69
    case expandDims = 70, equal = 71, notEqual = 72, log = 73, sum = 74, sqrt = 75, rsqrt = 76, shape = 77
    case pow = 78, argMin = 79, fakeQuant = 80, reduceProd = 81, reduceMax = 82, pack = 83, logicalOr = 84
    case oneHot = 85, logicalAnd = 86, logicalNot = 87, unpack = 88, reduceMin = 89, floorDiv = 90
    case reduceAny = 91, square = 92, zerosLike = 93, fill = 94, floorMod = 95, range = 96
    case resizeNearestNeighbor = 97, leakyRelu = 98, squaredDifference = 99, mirrorPad = 100, abs = 101
    case splitV = 102, ceil = 104, reverseV2 = 105, addN = 106, gatherND = 107, rank = 110, elu = 111
    case quantize = 114, round = 116, hardSwish = 117, `if` = 118, `while` = 119, selectV2 = 123
    case densify = 124, batchMatmul = 126, cumsum = 128, callOnce = 129, broadcastTo = 130
    case reduceAll = 140, varHandle = 142, readVariable = 143, assignVariable = 144, broadcastArgs = 145
    case gelu = 150, dynamicUpdateSlice = 151, relu0To1 = 152, sign = 158

    /// What the schema calls an operator, known here or not.
    static func name(_ code: Int) -> String {
        names.indices.contains(code) ? names[code] : "operator code \(code)"
    }

    /// All names of the schema, by number.
    private static let names =
        """
        ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE
        EMBEDDING_LOOKUP FLOOR FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D
        LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION LSTM MAX_POOL_2D MUL RELU RELU_N1_TO_1 RELU6
        RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS SKIP_GRAM CALL CUSTOM
        EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND
        TRANSPOSE MEAN SUB DIV SQUEEZE UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE BIDIRECTIONAL_SEQUENCE_RNN
        EXP TOPK_V2 SPLIT LOG_SOFTMAX DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM CAST PRELU MAXIMUM ARG_MAX
        MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL LESS_EQUAL SELECT SLICE SIN TRANSPOSE_CONV
        SPARSE_TO_DENSE TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW ARG_MIN FAKE_QUANT
        REDUCE_PROD REDUCE_MAX PACK LOGICAL_OR ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK REDUCE_MIN FLOOR_DIV
        REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD RANGE RESIZE_NEAREST_NEIGHBOR LEAKY_RELU
        SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE CEIL REVERSE_V2 ADD_N GATHER_ND COS WHERE RANK ELU
        REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG ROUND HARD_SWISH IF WHILE
        NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM BATCH_MATMUL
        PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM CALL_ONCE BROADCAST_TO RFFT2D CONV_3D IMAG REAL COMPLEX_ABS
        HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE REDUCE_ALL CONV_3D_TRANSPOSE VAR_HANDLE
        READ_VARIABLE ASSIGN_VARIABLE BROADCAST_ARGS RANDOM_STANDARD_NORMAL BUCKETIZE RANDOM_UNIFORM
        MULTINOMIAL GELU DYNAMIC_UPDATE_SLICE RELU_0_TO_1 UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX
        UNSORTED_SEGMENT_SUM ATAN2 UNSORTED_SEGMENT_MIN SIGN BITCAST BITWISE_XOR RIGHT_SHIFT
        STABLEHLO_LOGISTIC STABLEHLO_ADD STABLEHLO_DIVIDE STABLEHLO_MULTIPLY STABLEHLO_MAXIMUM
        STABLEHLO_RESHAPE STABLEHLO_CLAMP STABLEHLO_CONCATENATE STABLEHLO_BROADCAST_IN_DIM
        STABLEHLO_CONVOLUTION STABLEHLO_SLICE STABLEHLO_CUSTOM_CALL STABLEHLO_REDUCE STABLEHLO_ABS
        STABLEHLO_AND STABLEHLO_COSINE STABLEHLO_EXPONENTIAL STABLEHLO_FLOOR STABLEHLO_LOG STABLEHLO_MINIMUM
        STABLEHLO_NEGATE STABLEHLO_OR STABLEHLO_POWER STABLEHLO_REMAINDER STABLEHLO_RSQRT STABLEHLO_SELECT
        STABLEHLO_SUBTRACT STABLEHLO_TANH STABLEHLO_SCATTER STABLEHLO_COMPARE STABLEHLO_CONVERT
        STABLEHLO_DYNAMIC_SLICE STABLEHLO_DYNAMIC_UPDATE_SLICE STABLEHLO_PAD STABLEHLO_IOTA
        STABLEHLO_DOT_GENERAL STABLEHLO_REDUCE_WINDOW STABLEHLO_SORT STABLEHLO_WHILE STABLEHLO_GATHER
        STABLEHLO_TRANSPOSE DILATE STABLEHLO_RNG_BIT_GENERATOR REDUCE_WINDOW STABLEHLO_COMPOSITE
        STABLEHLO_SHIFT_LEFT STABLEHLO_CBRT STABLEHLO_CASE
        """.split(whereSeparator: \.isWhitespace).map(String.init)
}

/// Element types of tensors.
enum TFLiteType: Int, Sendable {
    case unknown = -1
    case float32 = 0, float16, int32, uint8, int64, string, bool, int16, complex64, int8, float64, complex128
    case uint64, resource, variant, uint32, uint16, int4, bfloat16, int2, uint4

    /// How numbers of whole bytes are read; nil for others.
    var element: ElementType? {
        switch self {
        case .float32: .f32
        case .float16: .f16
        case .int32: .i32
        case .uint8: .u8
        case .int64: .i64
        case .bool: .bool
        case .int16: .i16
        case .int8: .i8
        case .float64: .f64
        case .uint64: .u64
        case .uint32: .u32
        case .uint16: .u16
        case .bfloat16: .bf16
        default: nil
        }
    }

    /// Bits of a number that shares its byte with others, and whether it has a sign.
    var packed: (bits: Int, isSigned: Bool)? {
        switch self {
        case .int4: (4, true)
        case .uint4: (4, false)
        case .int2: (2, true)
        default: nil
        }
    }

    /// The numbers that a quantised activation of this type can have; nil where there is no such type.
    var range: ClosedRange<Double>? {
        switch self {
        case .int8: -128...127
        case .uint8: 0...255
        case .int16: -32_768...32_767
        case .uint16: 0...65_535
        case .int32: -0x1p31...0x1p31 - 1
        case .int4: -8...7
        default: nil
        }
    }
}
