// Functions of single numbers with their derivatives, constants, and softmax along an axis.

/// What IEEE 754 says of logarithms: of 0, of numbers below it, of those with fewer digits, too.
PF_INLINE pf_v pf_logarithm(pf_v x) {
    const pf_v tiny = pf_splat(0x1p-126f);
    pf_i is_small = x < tiny;
    pf_v y = pf_log(pf_max(pf_select(is_small, x * 0x1p24f, x), tiny));
    y = pf_select(is_small, y - 16.635532f, y);  // 24 ln 2
    y = pf_select(x == pf_splat(0), pf_splat(-__builtin_inff()), y);
    y = pf_select(x == __builtin_inff(), x, y);
    return pf_select((x < pf_splat(0)) | (x != x), pf_splat(__builtin_nanf("")), y);
}

/// x to the power of y: a negative x where y is whole.
PF_INLINE pf_v pf_raise(pf_v x, pf_v y) {
    const pf_v zero = pf_splat(0), one = pf_splat(1);
    pf_v size = __builtin_elementwise_abs(x);
    pf_v power = pf_exp(y * pf_logarithm(size));
    pf_v whole = __builtin_elementwise_trunc(y), half = y * 0.5f;
    pf_i is_whole = whole == y, is_odd = is_whole & (__builtin_elementwise_trunc(half) != half);
    power = pf_select(size == zero, pf_select(y > zero, zero, pf_splat(__builtin_inff())), power);
    power = pf_select((x < zero) & is_odd, -power, power);
    power = pf_select((x < zero) & ~is_whole, pf_splat(__builtin_nanf("")), power);
    power = pf_select(y == one, x, power);
    power = pf_select(y == pf_splat(2), x * x, power);
    power = pf_select(x != x, x, power);
    return pf_select(y == zero, one, power);
}

/// erf: a series near zero, 1 minus a rational function times e^-x^2 elsewhere (Abramowitz and Stegun 7.1.26).
PF_INLINE pf_v pf_erf(pf_v x) {
    pf_v a = __builtin_elementwise_abs(x), z = -x * x;
    pf_v near = z * (1.0f / 75600) + (1.0f / 9360);
    near = near * z + (1.0f / 1320);
    near = near * z + (1.0f / 216);
    near = near * z + (1.0f / 42);
    near = near * z + (1.0f / 10);
    near = near * z + (1.0f / 3);
    near = (near * z + 1.0f) * x * 1.128379167f;
    pf_v t = 1.0f / (a * 0.3275911f + 1.0f);
    pf_v far = t * 1.061405429f - 1.453152027f;
    far = far * t + 1.421413741f;
    far = far * t - 0.284496736f;
    far = (far * t + 0.254829592f) * t;
    far = 1.0f - far * pf_exp(z);
    far = pf_select(x < pf_splat(0), -far, far);
    return pf_select(a < pf_splat(0.75f), near, far);
}

PF_INLINE pf_v pf_softplus(pf_v x) {
    // In this order the larger one is NaN where x is.
    return pf_max(pf_splat(0), x) + pf_log(1.0f + pf_exp(-__builtin_elementwise_abs(x)));
}

/// e^x - 1, with the digits of a small x.
PF_INLINE pf_v pf_exp_minus_one(pf_v x) {
    x = pf_min(pf_splat(88.3f), pf_max(pf_splat(-87.3f), x));
    pf_v power;
    pf_v q = pf_exp_parts(x, &power);
    return power * q + (power - 1.0f);
}

PF_INLINE pf_v pf_hard_gate(pf_v x, float factor, float term) {
    return pf_min(pf_splat(1), pf_max(pf_splat(0), x * factor + term));
}

PF_INLINE pf_v pf_apply(const int function, float alpha, float beta, pf_v x) {
    const pf_v zero = pf_splat(0);
    switch (function) {
    case PF_EXPONENTIAL: return pf_exp(x);
    case PF_LOGARITHM: return pf_logarithm(x);
    case PF_SQUARE_ROOT: return __builtin_elementwise_sqrt(x);
    case PF_RECIPROCAL: return 1.0f / x;
    case PF_ABSOLUTE: return __builtin_elementwise_abs(x);
    case PF_SQUARE: return x * x;
    case PF_FLOOR: return __builtin_elementwise_floor(x);
    case PF_CEILING: return __builtin_elementwise_ceil(x);
    case PF_ROUND: return __builtin_elementwise_roundeven(x);
    case PF_SIGN: return pf_select(x > zero, pf_splat(1), pf_select(x < zero, pf_splat(-1), x));
    case PF_ERROR_FUNCTION: return pf_erf(x);
    case PF_GELU: return x * 0.5f * (1.0f + pf_erf(x * 0.70710678f));
    case PF_GELU_TANH: return x * 0.5f * (1.0f + pf_tanh((x + x * x * x * 0.044715f) * 0.79788456f));
    case PF_SILU: return x / (1.0f + pf_exp(-x));
    case PF_HARD_SWISH: return x * pf_hard_gate(x, 1.0f / 6, 0.5f);
    case PF_HARD_SIGMOID: return pf_hard_gate(x, alpha, beta);
    case PF_ELU: return pf_select(x > zero, x, pf_exp_minus_one(x) * alpha) * beta;
    case PF_SOFTPLUS: return pf_softplus(x);
    case PF_SOFTSIGN: return x / (1.0f + __builtin_elementwise_abs(x));
    case PF_MISH: return x * pf_tanh(pf_softplus(x));
    case PF_RAISED: return pf_raise(x, pf_splat(alpha));
    default: return x * alpha + beta;
    }
}

/// The derivative at x.
PF_INLINE pf_v pf_derivative(const int function, float alpha, float beta, pf_v x) {
    const pf_v zero = pf_splat(0), one = pf_splat(1);
    switch (function) {
    case PF_EXPONENTIAL: return pf_exp(x);
    case PF_LOGARITHM:
    case PF_RECIPROCAL: return function == PF_LOGARITHM ? 1.0f / x : -1.0f / (x * x);
    case PF_SQUARE_ROOT: return 0.5f / __builtin_elementwise_sqrt(x);
    case PF_ABSOLUTE: return pf_select(x > zero, one, pf_select(x < zero, -one, zero));
    case PF_SQUARE: return x + x;
    case PF_ERROR_FUNCTION: return pf_exp(-x * x) * 1.128379167f;
    case PF_GELU:
        return (1.0f + pf_erf(x * 0.70710678f)) * 0.5f + x * pf_exp(x * x * -0.5f) * 0.39894228f;
    case PF_GELU_TANH: {
        pf_v t = pf_tanh((x + x * x * x * 0.044715f) * 0.79788456f);
        return (1.0f + t) * 0.5f + x * 0.5f * (1.0f - t * t) * (1.0f + x * x * 0.134145f) * 0.79788456f;
    }
    case PF_SILU: {
        pf_v s = pf_sigmoid(x);
        return s * (1.0f + x * (1.0f - s));
    }
    case PF_HARD_SWISH:
        return pf_select(x <= pf_splat(-3), zero, pf_select(x >= pf_splat(3), one, x * (1.0f / 3) + 0.5f));
    case PF_HARD_SIGMOID: {
        pf_v gate = x * alpha + beta;
        return pf_select((gate > zero) & (gate < one), pf_splat(alpha), zero);
    }
    case PF_ELU: return pf_select(x > zero, one, pf_exp(x) * alpha) * beta;
    case PF_SOFTPLUS: return pf_sigmoid(x);
    case PF_SOFTSIGN: {
        pf_v d = 1.0f + __builtin_elementwise_abs(x);
        return 1.0f / (d * d);
    }
    case PF_MISH: {
        pf_v t = pf_tanh(pf_softplus(x));
        return t + x * (1.0f - t * t) * pf_sigmoid(x);
    }
    case PF_RAISED: return alpha == 0 ? zero : pf_raise(x, pf_splat(alpha - 1)) * alpha;
    case PF_AFFINE: return pf_splat(alpha);
    // Steps do not rise.
    default: return zero;
    }
}

#define PF_FOR_FUNCTION(function, body)                                                                      \
    switch (function) {                                                                                      \
    case PF_EXPONENTIAL: body(PF_EXPONENTIAL); break;                                                        \
    case PF_LOGARITHM: body(PF_LOGARITHM); break;                                                            \
    case PF_SQUARE_ROOT: body(PF_SQUARE_ROOT); break;                                                        \
    case PF_RECIPROCAL: body(PF_RECIPROCAL); break;                                                          \
    case PF_ABSOLUTE: body(PF_ABSOLUTE); break;                                                              \
    case PF_SQUARE: body(PF_SQUARE); break;                                                                  \
    case PF_FLOOR: body(PF_FLOOR); break;                                                                    \
    case PF_CEILING: body(PF_CEILING); break;                                                                \
    case PF_ROUND: body(PF_ROUND); break;                                                                    \
    case PF_SIGN: body(PF_SIGN); break;                                                                      \
    case PF_ERROR_FUNCTION: body(PF_ERROR_FUNCTION); break;                                                  \
    case PF_GELU: body(PF_GELU); break;                                                                      \
    case PF_GELU_TANH: body(PF_GELU_TANH); break;                                                            \
    case PF_SILU: body(PF_SILU); break;                                                                      \
    case PF_HARD_SWISH: body(PF_HARD_SWISH); break;                                                          \
    case PF_HARD_SIGMOID: body(PF_HARD_SIGMOID); break;                                                      \
    case PF_ELU: body(PF_ELU); break;                                                                        \
    case PF_SOFTPLUS: body(PF_SOFTPLUS); break;                                                              \
    case PF_SOFTSIGN: body(PF_SOFTSIGN); break;                                                              \
    case PF_MISH: body(PF_MISH); break;                                                                      \
    case PF_RAISED: body(PF_RAISED); break;                                                                  \
    default: body(PF_AFFINE); break;                                                                         \
    }

static void pf_set_function_forward(
    int32_t function, float alpha, float beta, size_t count, const float *x, float *y
) {
    const long n = (long)count;
#define PF_BODY_ONE(j, whole) pf_put(y + (j), pf_apply(kind_, alpha, beta, pf_take(x + (j), whole)), whole)
#define PF_BODY(kind)                                                                                        \
    {                                                                                                        \
        const int kind_ = kind;                                                                              \
        PF_ALONG(n, PF_BODY_ONE);                                                                            \
    }
    PF_FOR_FUNCTION(function, PF_BODY)
#undef PF_BODY
#undef PF_BODY_ONE
}

static void pf_set_function_backward(
    int32_t function, float alpha, float beta, size_t count, const float *x, const float *dy, float *dx
) {
    const long n = (long)count;
#define PF_BODY_ONE(j, whole)                                                                                \
    pf_put(dx + (j), pf_take(dy + (j), whole) * pf_derivative(kind_, alpha, beta, pf_take(x + (j), whole)), whole)
#define PF_BODY(kind)                                                                                        \
    {                                                                                                        \
        const int kind_ = kind;                                                                              \
        PF_ALONG(n, PF_BODY_ONE);                                                                            \
    }
    PF_FOR_FUNCTION(function, PF_BODY)
#undef PF_BODY
#undef PF_BODY_ONE
}

static void pf_set_parametric_relu_forward(
    int32_t channels, int32_t spatial, const float *x, const float *slope, float *y
) {
    for (long c = 0; c < channels; c++) {
        for (long i = c * spatial * PF_LANES; i < (c + 1) * spatial * PF_LANES; i += PF_WIDTH) {
            pf_v v = pf_load(x + i);
            pf_store(y + i, pf_select(v > pf_splat(0), v, v * slope[c]));
        }
    }
}

static void pf_set_parametric_relu_backward(
    int32_t channels, int32_t spatial, const float *x, const float *slope, const float *dy, float *dx,
    float *dslope, int32_t squared
) {
    const pf_v zero = pf_splat(0);
    for (long c = 0; c < channels; c++) {
        _Alignas(64) float sums[PF_LANES];
        PF_EACH_PART(part) {
            pf_v sum = zero;
            for (long i = 0; i < spatial; i++) {
                long at = (c * spatial + i) * PF_LANES + part;
                pf_v v = pf_load(x + at), d = pf_load(dy + at);
                sum += pf_select(v > zero, zero, d * v);
                if (dx) pf_store(dx + at, pf_select(v > zero, d, d * slope[c]));
            }
            pf_store(sums + part, sum);
        }
        dslope[c] += pf_sum_lanes(sums, squared);
    }
}

static void pf_set_constant_block(size_t count, const float *numbers, float *y) {
    for (size_t i = 0; i < count; i++) {
        PF_EACH_PART(part) pf_store(y + i * PF_LANES + part, pf_splat(numbers[i]));
    }
}

static void pf_set_softmax_axis_forward(const pf_softmax_axis *s, const float *x, float *y) {
    for (long line = 0; line < s->outer; line++, x += s->length * s->pace, y += s->length * s->pace) {
#define PF_BODY(j, whole)                                                                                    \
    {                                                                                                        \
        pf_v largest = pf_take(x + (j), whole), sum = pf_splat(0);                                           \
        for (long i = 1; i < s->length; i++) largest = pf_max(largest, pf_take(x + i * s->pace + (j), whole)); \
        for (long i = 0; i < s->length; i++) {                                                               \
            pf_v e = pf_exp(pf_take(x + i * s->pace + (j), whole) - largest);                                \
            sum += e;                                                                                        \
            if (!s->is_logarithm) pf_put(y + i * s->pace + (j), e, whole);                                   \
        }                                                                                                    \
        pf_v logarithm = pf_logarithm(sum);                                                                   \
        for (long i = 0; i < s->length; i++) {                                                               \
            long at = i * s->pace + (j);                                                                     \
            pf_put(                                                                                          \
                y + at,                                                                                      \
                s->is_logarithm ? pf_take(x + at, whole) - largest - logarithm : pf_take(y + at, whole) / sum, \
                whole                                                                                        \
            );                                                                                               \
        }                                                                                                    \
    }
        PF_ALONG(s->pace, PF_BODY);
#undef PF_BODY
    }
}

static void pf_set_softmax_axis_backward(const pf_softmax_axis *s, const float *y, const float *dy, float *dx) {
    for (long line = 0; line < s->outer; line++) {
        const long from = line * s->length * s->pace;
#define PF_BODY(j, whole)                                                                                    \
    {                                                                                                        \
        pf_v sum = pf_splat(0);                                                                              \
        for (long i = 0; i < s->length; i++) {                                                               \
            long at = from + i * s->pace + (j);                                                              \
            pf_v d = pf_take(dy + at, whole);                                                                \
            sum += s->is_logarithm ? d : d * pf_take(y + at, whole);                                         \
        }                                                                                                    \
        for (long i = 0; i < s->length; i++) {                                                               \
            long at = from + i * s->pace + (j);                                                              \
            pf_v d = pf_take(dy + at, whole), v = pf_take(y + at, whole);                                    \
            pf_put(dx + at, s->is_logarithm ? d - pf_exp(v) * sum : v * (d - sum), whole);                   \
        }                                                                                                    \
    }
        PF_ALONG(s->pace, PF_BODY);
#undef PF_BODY
    }
}
