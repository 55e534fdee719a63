// Recurrent layers on a block, backward through time. First the gradients of all gates, from the last moment to the first;
// then those of weights, which take all moments of a sample together.

static size_t pf_set_recurrent_backward_scratch(const pf_recurrent *r) {
    // Of gates, of the state, of the cell, of the state that was reset, and that state at every moment.
    return sizeof(float) * (size_t)((r->moments * (pf_biases_of(r) + 1) + 3) * pf_unit_floats(r));
}

/// x[m] += sum over o < rows of w[o][m] dz[o] for M columns.
PF_INLINE void pf_add_columns_tile(const int M, long rows, const float *dz, const float *w, long row, float *x) {
    PF_EACH_PART(part) {
        pf_v sums[PF_SUMS];
        PF_UNROLL for (int m = 0; m < M; m++)
            sums[m] = pf_load(x + m * PF_LANES + part);
        for (long o = 0; o < rows; o++) {
            pf_v value = pf_load(dz + o * PF_LANES + part);
            PF_UNROLL for (int m = 0; m < M; m++)
                sums[m] += value * w[o * row + m];
        }
        PF_UNROLL for (int m = 0; m < M; m++)
            pf_store(x + m * PF_LANES + part, sums[m]);
    }
}

PF_OUTLINE void pf_add_columns(long rows, long columns, const float *dz, const float *w, long row, float *x) {
    long m = 0;
    for (; m + 8 <= columns; m += 8) pf_add_columns_tile(8, rows, dz, w + m, row, x + m * PF_LANES);
    for (; m < columns; m++) pf_add_columns_tile(1, rows, dz, w + m, row, x + m * PF_LANES);
}

/// What a moment hands back: from the gradient of its results and of the state behind it to those of its gates' sums and
/// of the state before it, without what goes through recurrent weights.
PF_INLINE void pf_recurrent_gates_backward(
    const pf_recurrent *r, const float *before, const float *y, const float *gates, const float *dy, float *dz,
    float *state, float *cell
) {
    const long n = pf_unit_floats(r);
    for (long i = 0; i < n; i += PF_WIDTH) {
        pf_v gradient = pf_load(dy + i) + pf_load(state + i);
        switch (r->cell) {
        case PF_CELL_PLAIN: {
            pf_v value = pf_load(y + i);
            pf_store(dz + i, gradient * (1.0f - value * value));
            pf_store(state + i, pf_splat(0));
            break;
        }
        case PF_CELL_LSTM: {
            pf_v in = pf_load(gates + i), forget = pf_load(gates + n + i);
            pf_v value = pf_load(gates + 2 * n + i), out = pf_load(gates + 3 * n + i);
            pf_v bent = pf_tanh(pf_load(y + n + i));
            pf_v inner = pf_load(dy + n + i) + pf_load(cell + i) + gradient * out * (1.0f - bent * bent);
            pf_v old = before ? pf_load(before + n + i) : pf_splat(0);
            pf_store(dz + i, inner * value * in * (1.0f - in));
            pf_store(dz + n + i, inner * old * forget * (1.0f - forget));
            pf_store(dz + 2 * n + i, inner * in * (1.0f - value * value));
            pf_store(dz + 3 * n + i, gradient * bent * out * (1.0f - out));
            pf_store(cell + i, inner * forget);
            pf_store(state + i, pf_splat(0));
            break;
        }
        default: {
            pf_v keep = pf_load(gates + n + i), value = pf_load(gates + 2 * n + i);
            pf_v old = before ? pf_load(before + i) : pf_splat(0);
            pf_v inner = gradient * (1.0f - keep) * (1.0f - value * value);
            pf_store(dz + n + i, gradient * (old - value) * keep * (1.0f - keep));
            pf_store(dz + 2 * n + i, inner);
            pf_store(state + i, gradient * keep);
            if (r->cell != PF_CELL_GRU) break;
            pf_v gate = pf_load(gates + i);
            pf_store(dz + 3 * n + i, inner * gate);
            pf_store(dz + i, inner * pf_load(gates + 3 * n + i) * gate * (1.0f - gate));
        }
        }
    }
}

/// Of a GRU that resets first: the gradient of the gate that resets, and what of the state's comes through it.
static void pf_reset_backward(
    const pf_recurrent *r, const float *before, const float *w, const float *gates, const float *dy, float *dz,
    float *state, float *through, float *reset
) {
    const long units = r->units, row = r->features + units, n = pf_unit_floats(r);
    memset(through, 0, sizeof(float) * (size_t)n);
    if (before) pf_add_columns(units, units, dz + 2 * n, w + 2 * units * row + r->features, row, through);
    for (long i = 0; i < n; i += PF_WIDTH) {
        pf_v gate = pf_load(gates + i), back = pf_load(through + i);
        pf_v old = before ? pf_load(before + i) : pf_splat(0);
        pf_store(reset + i, gate * old);
        pf_store(state + i, pf_load(state + i) + back * gate);
        pf_store(dz + i, (pf_load(dy + n + i) + back * old) * gate * (1.0f - gate));
    }
}

/// Two values of every moment, so many floats apart: gradients of rows, and what the rows were multiplied with. One pair
/// more stands alone where `more_x` is not NULL.
typedef struct {
    const float *dz, *x;
    long count, dz_step, x_step;  // steps in places
    const float *more_dz, *more_x;
} pf_moments;

/// dw[o][i] += the sum over lanes of the sum over moments of dz[o] x[i], which is squared before lanes are summed if asked.
static void pf_add_moments(const pf_moments *m, long rows, long columns, float *dw, long row, int squared) {
    enum { ROWS = 8, COLUMNS = 16 };
    _Alignas(64) float sums[ROWS * COLUMNS * PF_LANES];
    for (long o = 0; o < rows; o += ROWS) {
        const long height = pf_minimum(rows - o, ROWS);
        for (long i = 0; i < columns; i += COLUMNS) {
            const long width = pf_minimum(columns - i, COLUMNS);
            const pf_matrices part = {
                1, height, m->count, width, 1, m->dz_step, 0, m->x_step, 1, 0,
            };
            pf_set_multiply_matrices(&part, m->dz + o * PF_LANES, m->x + i * PF_LANES, sums);
            for (long k = 0; m->more_x && k < height * width; k++) {
                PF_EACH_PART(lane) {
                    pf_v product = pf_load(m->more_dz + (o + k / width) * PF_LANES + lane)
                        * pf_load(m->more_x + (i + k % width) * PF_LANES + lane);
                    pf_store(sums + k * PF_LANES + lane, pf_load(sums + k * PF_LANES + lane) + product);
                }
            }
            for (long k = 0; k < height; k++) {
                pf_add_lane_sums(sums + k * width * PF_LANES, width, squared, dw + (o + k) * row + i);
            }
        }
    }
}

static void pf_recurrent_weights(
    const pf_recurrent *r, const float *x, const float *first, const float *y, const float *dz,
    const float *reset, float *dw, float *db, int squared
) {
    const long units = r->units, features = r->features, row = features + units, n = pf_unit_floats(r);
    const long pace = pf_biases_of(r) * units, results = pf_results_of(r) * units, more = r->moments - 1;
    const long start = r->is_reversed ? more : 0;
    const int resets = r->cell == PF_CELL_GRU || r->cell == PF_CELL_GRU_RESET_FIRST;
    pf_moments inputs = {dz, x, r->moments, pace, features, 0, 0};
    pf_add_moments(&inputs, pf_gates_of(r) * units, features, dw, row, squared);
    // The state before a moment is the result of its neighbour, but for the moment that comes first.
    pf_moments states = {
        dz + (r->is_reversed ? 0 : pace * PF_LANES), y + (r->is_reversed ? results * PF_LANES : 0), more, pace,
        results, dz + start * pace * PF_LANES, first,
    };
    pf_add_moments(&states, resets ? 2 * units : pf_gates_of(r) * units, units, dw + features, row, squared);
    float *last = dw + 2 * units * row + features;
    if (r->cell == PF_CELL_GRU) {
        states.dz += 3 * n, states.more_dz += 3 * n;
        pf_add_moments(&states, units, units, last, row, squared);
    } else if (resets) {
        pf_moments all = {dz + 2 * n, reset, r->moments, pace, units, 0, 0};
        pf_add_moments(&all, units, units, last, row, squared);
    }
    for (long o = 0; db && o < pace; o++) {
        _Alignas(64) float sums[PF_LANES] = {0};
        for (long moment = 0; moment < r->moments; moment++) {
            PF_EACH_PART(part) {
                pf_store(sums + part, pf_load(sums + part) + pf_load(dz + (moment * pace + o) * PF_LANES + part));
            }
        }
        db[o] += pf_sum_lanes(sums, squared);
    }
}

static void pf_set_recurrent_backward(
    const pf_recurrent *r, const float *x, const float *first, const float *w, const float *y, void *kept,
    const float *dy, float *dx, float *dw, float *db, int32_t squared, void *scratch
) {
    const long units = r->units, features = r->features, row = features + units, n = pf_unit_floats(r);
    const long pace = pf_biases_of(r) * n, results = pf_results_of(r) * n, rows = pf_gates_of(r) * units;
    const int resets = r->cell == PF_CELL_GRU || r->cell == PF_CELL_GRU_RESET_FIRST;
    float *state = scratch, *cell = state + n, *through = cell + n;
    float *all_reset = through + n, *all_dz = all_reset + r->moments * n;
    memset(state, 0, sizeof(float) * 2 * (size_t)n);
    for (long k = r->moments - 1; k >= 0; k--) {
        const long moment = r->is_reversed ? r->moments - 1 - k : k;
        const float *to = y + moment * results, *gates = (const float *)kept + moment * pace;
        const float *before = k == 0 ? first : to + (r->is_reversed ? results : -results);
        float *dz = all_dz + moment * pace;
        pf_recurrent_gates_backward(r, before, to, gates, dy + moment * results, dz, state, cell);
        if (r->cell == PF_CELL_GRU_RESET_FIRST) {
            pf_reset_backward(
                r, before, w, gates, dy + moment * results, dz, state, through, all_reset + moment * n
            );
        }
        if (dx) {
            float *to_x = dx + moment * features * PF_LANES;
            memset(to_x, 0, sizeof(float) * (size_t)(features * PF_LANES));
            pf_add_columns(rows, features, dz, w, row, to_x);
        }
        if (!before) continue;
        pf_add_columns(resets ? 2 * units : rows, units, dz, w + features, row, state);
        if (r->cell == PF_CELL_GRU) {
            pf_add_columns(units, units, dz + 3 * n, w + 2 * units * row + features, row, state);
        }
    }
    memcpy(
        (float *)kept + pf_set_recurrent_state_gradient(r), state,
        sizeof(float) * (size_t)(pf_states_of(r) * n)
    );
    pf_recurrent_weights(r, x, first, y, all_dz, all_reset, dw, db, squared);
}
