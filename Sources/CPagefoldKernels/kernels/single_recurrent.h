// Recurrent layers of one sample. Rows of weights are read as they lie, from run to run, once for each moment.

/// Floats of one number of every unit in scratch.
PF_INLINE long pf_single_units(const pf_recurrent *r) { return pf_round_up(r->units); }

static size_t pf_set_single_recurrent_scratch(const pf_recurrent *r) {
    // Features and state side by side, the cell, the gates.
    long floats = pf_round_up((long)r->features + r->units) + (1 + pf_biases_of(r)) * pf_single_units(r);
    return sizeof(float) * (size_t)floats;
}

/// A layer's parameters behind a page table, read from the row at the cursor on.
typedef struct {
    pf_cursor cursor;
    const pf_paged_weights *weights;
    int64_t scale, bias;
} pf_row_reader;

/// The weighted sums of a gate's rows. `recurrent`: where those of the state go, with a bias of their own that begins so
/// far behind the gate's; NULL: to the others.
static void pf_single_gate(
    pf_row_reader *reader, const pf_recurrent *r, long gate, const float *values, float *sums, float *recurrent
) {
    const long features = r->features, units = r->units;
    for (long first = 0; first < units; first += PF_WIDTH) {
        const long rows = pf_minimum(units - first, PF_WIDTH);
        pf_v folded[2][PF_WIDTH];
        _Alignas(64) float rest[2][PF_WIDTH] = {{0}, {0}}, scales[PF_WIDTH] = {0}, biases[PF_WIDTH] = {0};
        for (long m = 0; m < PF_WIDTH; m++) {
            for (int part = 0; part < 2; part++) {
                pf_v sum[4] = {pf_splat(0), pf_splat(0), pf_splat(0), pf_splat(0)};
                const float *x = part ? values + features : values;
                const long count = m < rows ? part ? units : features : 0;
                for (long i = 0; i < count;) {
                    long length;
                    pf_numbers run = pf_run(&reader->cursor, count - i, &length);
                    pf_run_products(&run, x + i, length, sum, rest[part] + m);
                    i += length;
                }
                folded[part][m] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
            }
        }
        pf_vector_or(reader->weights, reader->scale, gate * units + first, rows, 1, scales);
        pf_vector_or(reader->weights, reader->bias, gate * units + first, rows, 0, biases);
        pf_v input = (pf_fold(folded[0]) + pf_load(rest[0])) * pf_load(scales) + pf_load(biases);
        pf_v state = (pf_fold(folded[1]) + pf_load(rest[1])) * pf_load(scales);
        if (recurrent) {
            pf_vector_or(reader->weights, reader->bias, (gate + 1) * units + first, rows, 0, biases);
            state += pf_load(biases);
            memcpy(recurrent + first, &state, (size_t)rows * sizeof(float));
        } else {
            input += state;
        }
        memcpy(sums + first, &input, (size_t)rows * sizeof(float));
    }
}

static void pf_set_single_recurrent(
    const pf_recurrent *r, const pf_paged_weights *w, int64_t weights, int64_t scale, int64_t bias,
    const float *x, const float *first, float *y, void *scratch
) {
    const long units = r->units, features = r->features, n = pf_single_units(r), results = pf_results_of(r) * units;
    const size_t bytes = sizeof(float) * (size_t)units;
    const int lstm = r->cell == PF_CELL_LSTM;
    float *cell = scratch, *gates = cell + n, *values = gates + pf_biases_of(r) * n;
    float *state = values + features;
    if (first) {
        memcpy(state, first, bytes);
        if (lstm) memcpy(cell, first + units, bytes);
    } else {
        memset(state, 0, bytes);
        memset(cell, 0, bytes);
    }
    for (long k = 0; k < r->moments; k++) {
        const long moment = r->is_reversed ? r->moments - 1 - k : k;
        float *to = y + moment * results;
        memcpy(values, x + moment * features, sizeof(float) * (size_t)features);
        pf_row_reader reader = {pf_cursor_at(w, weights), w, scale, bias};
        for (long gate = 0; gate < pf_gates_of(r); gate++) {
            if (gate == 2 && r->cell == PF_CELL_GRU_RESET_FIRST) {
                // The last gate sees the state that was reset.
                for (long i = 0; i < n; i += PF_WIDTH) pf_store(gates + i, pf_sigmoid(pf_load(gates + i)));
                for (long i = 0; i < units; i++) state[i] *= gates[i];
            }
            float *recurrent = gate == 2 && r->cell == PF_CELL_GRU ? gates + 3 * n : NULL;
            pf_single_gate(&reader, r, gate, values, gates + gate * n, recurrent);
        }
        if (k > 0) memcpy(state, to + (r->is_reversed ? results : -results), bytes);
        else if (first) memcpy(state, first, bytes);
        for (long i = 0; i < units; i += PF_WIDTH) {
            const size_t some = sizeof(float) * (size_t)pf_minimum(units - i, PF_WIDTH);
            pf_v result = pf_tanh(pf_load(gates + i)), old = pf_splat(0);
            memcpy(&old, state + i, some);
            if (lstm) {
                pf_v kept = pf_load(cell + i) * pf_sigmoid(pf_load(gates + n + i));
                pf_v inner = kept + pf_sigmoid(pf_load(gates + i)) * pf_tanh(pf_load(gates + 2 * n + i));
                pf_store(cell + i, inner);
                result = pf_sigmoid(pf_load(gates + 3 * n + i)) * pf_tanh(inner);
            } else if (r->cell != PF_CELL_PLAIN) {
                pf_v value = pf_load(gates + 2 * n + i), keep = pf_sigmoid(pf_load(gates + n + i));
                if (r->cell == PF_CELL_GRU) value += pf_sigmoid(pf_load(gates + i)) * pf_load(gates + 3 * n + i);
                result = (1.0f - keep) * pf_tanh(value) + keep * old;
            }
            memcpy(to + i, &result, some);
        }
        memcpy(state, to, bytes);
        if (lstm) memcpy(to + units, cell, bytes);
        else if (results > units) memcpy(to + units, gates, bytes);
    }
}
