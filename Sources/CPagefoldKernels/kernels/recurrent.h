// Recurrent layers on a block, forward, and what both ways share. Moments follow each other; within one, rows of weights go
// over all 16 samples at once. What goes back is in recurrent_backward.h.

PF_INLINE long pf_gates_of(const pf_recurrent *r) {
    return r->cell == PF_CELL_LSTM ? 4 : r->cell == PF_CELL_PLAIN ? 1 : 3;
}
PF_INLINE long pf_biases_of(const pf_recurrent *r) { return r->cell == PF_CELL_GRU ? 4 : pf_gates_of(r); }
PF_INLINE long pf_results_of(const pf_recurrent *r) {
    return r->cell == PF_CELL_LSTM || r->cell == PF_CELL_GRU_RESET_FIRST ? 2 : 1;
}
PF_INLINE long pf_states_of(const pf_recurrent *r) { return r->cell == PF_CELL_LSTM ? 2 : 1; }
/// Floats of one number of every unit.
PF_INLINE long pf_unit_floats(const pf_recurrent *r) { return (long)r->units * PF_LANES; }

static size_t pf_set_recurrent_state_gradient(const pf_recurrent *r) {
    return (size_t)(r->moments * pf_biases_of(r) * pf_unit_floats(r));
}
static size_t pf_set_recurrent_kept(const pf_recurrent *r) {
    return sizeof(float) * (pf_set_recurrent_state_gradient(r) + (size_t)(pf_states_of(r) * pf_unit_floats(r)));
}
static size_t pf_set_recurrent_forward_scratch(const pf_recurrent *r) {
    return sizeof(float) * (size_t)((pf_biases_of(r) + 1) * pf_unit_floats(r));
}

/// y[m] += sum over i < count of w[m][i] x[i] for M rows, which are `row` floats apart.
PF_INLINE void pf_add_rows_tile(const int M, long count, const float *x, const float *w, long row, float *y) {
    PF_EACH_PART(part) {
        pf_v sums[PF_SUMS];
        PF_UNROLL for (int m = 0; m < M; m++)
            sums[m] = pf_load(y + m * PF_LANES + part);
        for (long i = 0; i < count; i++) {
            pf_v value = pf_load(x + i * PF_LANES + part);
            PF_UNROLL for (int m = 0; m < M; m++)
                sums[m] += value * w[m * row + i];
        }
        PF_UNROLL for (int m = 0; m < M; m++)
            pf_store(y + m * PF_LANES + part, sums[m]);
    }
}

PF_OUTLINE void pf_add_rows(long rows, long count, const float *x, const float *w, long row, float *y) {
    long m = 0;
    for (; m + 8 <= rows; m += 8) pf_add_rows_tile(8, count, x, w + m * row, row, y + m * PF_LANES);
    for (; m < rows; m++) pf_add_rows_tile(1, count, x, w + m * row, row, y + m * PF_LANES);
}

/// The gates of a moment from its features and from the state before it, NULL for zeros.
static void pf_recurrent_gates(
    const pf_recurrent *r, const float *x, const float *before, const float *w, const float *bias,
    float *gates, float *reset
) {
    const long units = r->units, features = r->features, row = features + units, n = pf_unit_floats(r);
    const long rows = pf_gates_of(r) * units;
    const int resets = r->cell == PF_CELL_GRU || r->cell == PF_CELL_GRU_RESET_FIRST;
    for (long m = 0; m < pf_biases_of(r) * units; m++) {
        PF_EACH_PART(part) pf_store(gates + m * PF_LANES + part, pf_splat(bias ? bias[m] : 0));
    }
    pf_add_rows(rows, features, x, w, row, gates);
    if (before) pf_add_rows(resets ? 2 * units : rows, units, before, w + features, row, gates);
    if (!resets) return;
    for (long i = 0; i < 2 * n; i += PF_WIDTH) pf_store(gates + i, pf_sigmoid(pf_load(gates + i)));
    if (!before) return;
    const float *last = w + 2 * units * row + features;
    if (r->cell == PF_CELL_GRU) {
        pf_add_rows(units, units, before, last, row, gates + 3 * n);
        return;
    }
    for (long i = 0; i < n; i += PF_WIDTH) pf_store(reset + i, pf_load(gates + i) * pf_load(before + i));
    pf_add_rows(units, units, reset, last, row, gates + 2 * n);
}

static void pf_set_recurrent_forward(
    const pf_recurrent *r, const float *x, const float *first, const float *w, const float *bias, float *y,
    void *kept, void *scratch
) {
    const long n = pf_unit_floats(r), results = pf_results_of(r) * n;
    float *reset = scratch, *own = reset + n;
    const float *before = first;
    for (long k = 0; k < r->moments; k++) {
        const long moment = r->is_reversed ? r->moments - 1 - k : k;
        float *to = y + moment * results;
        float *gates = kept ? (float *)kept + moment * pf_biases_of(r) * n : own;
        pf_recurrent_gates(r, x + moment * r->features * PF_LANES, before, w, bias, gates, reset);
        for (long i = 0; i < n; i += PF_WIDTH) {
            switch (r->cell) {
            case PF_CELL_PLAIN: pf_store(to + i, pf_tanh(pf_load(gates + i))); break;
            case PF_CELL_LSTM: {
                pf_v in = pf_sigmoid(pf_load(gates + i)), forget = pf_sigmoid(pf_load(gates + n + i));
                pf_v value = pf_tanh(pf_load(gates + 2 * n + i)), out = pf_sigmoid(pf_load(gates + 3 * n + i));
                pf_v cell = in * value;
                if (before) cell += forget * pf_load(before + n + i);
                pf_store(gates + i, in), pf_store(gates + n + i, forget);
                pf_store(gates + 2 * n + i, value), pf_store(gates + 3 * n + i, out);
                pf_store(to + n + i, cell);
                pf_store(to + i, out * pf_tanh(cell));
                break;
            }
            default: {
                pf_v keep = pf_load(gates + n + i), value = pf_load(gates + 2 * n + i);
                if (r->cell == PF_CELL_GRU) value += pf_load(gates + i) * pf_load(gates + 3 * n + i);
                else pf_store(to + n + i, pf_load(gates + i));
                value = pf_tanh(value);
                pf_store(gates + 2 * n + i, value);
                pf_v state = (1.0f - keep) * value;
                if (before) state += keep * pf_load(before + i);
                pf_store(to + i, state);
            }
            }
        }
        before = to;
    }
}
