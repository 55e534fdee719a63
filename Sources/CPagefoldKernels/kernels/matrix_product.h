// Products of two values as matrices, of a block and of one sample. What goes back through them is a product too, with other
// steps from place to place.

/// R rows and C columns of one product of a block, each in a vector of 16 sums.
PF_INLINE void pf_matrix_tile(
    const int R, const int C, const pf_matrices *m, const float *x, const float *second, float *y
) {
    PF_EACH_PART(part) {
        pf_v sums[PF_SUMS];
        PF_UNROLL for (int i = 0; i < R * C; i++)
            sums[i] = pf_splat(0);
        const float *left = x + part, *right = second + part;
        for (long k = 0; k < m->inner; k++) {
            pf_v values[PF_SUMS];
            PF_UNROLL for (int c = 0; c < C; c++)
                values[c] = pf_load(right + c * m->second_column * PF_LANES);
            PF_UNROLL for (int r = 0; r < R; r++) {
                pf_v value = pf_load(left + r * m->x_row * PF_LANES);
                PF_UNROLL for (int c = 0; c < C; c++)
                    sums[r * C + c] += value * values[c];
            }
            left += m->x_inner * PF_LANES;
            right += m->second_inner * PF_LANES;
        }
        PF_UNROLL for (int r = 0; r < R; r++) {
            PF_UNROLL for (int c = 0; c < C; c++)
                pf_store(y + (r * m->columns + c) * PF_LANES + part, sums[r * C + c]);
        }
    }
}

#if PF_REGISTERS == 32
#define PF_MATRIX_ROWS 4
#else
#define PF_MATRIX_ROWS 2
#endif
#define PF_MATRIX_COLUMNS 4

#define PF_MATRIX_TILE(name, R, C)                                                                           \
    PF_OUTLINE void name(const pf_matrices *m, const float *x, const float *second, float *y) {              \
        pf_matrix_tile(R, C, m, x, second, y);                                                               \
    }
PF_MATRIX_TILE(pf_matrix_tile_many, PF_MATRIX_ROWS, PF_MATRIX_COLUMNS)
PF_MATRIX_TILE(pf_matrix_tile_row, 1, PF_MATRIX_COLUMNS)
PF_MATRIX_TILE(pf_matrix_tile_column, PF_MATRIX_ROWS, 1)
PF_MATRIX_TILE(pf_matrix_tile_one, 1, 1)

static void pf_set_multiply_matrices(
    const pf_matrices *m, const float *x, const float *second, float *y
) {
    for (long i = 0; i < m->count; i++) {
        for (long row = 0; row < m->rows;) {
            const int rows = m->rows - row >= PF_MATRIX_ROWS ? PF_MATRIX_ROWS : 1;
            for (long column = 0; column < m->columns;) {
                const int columns = m->columns - column >= PF_MATRIX_COLUMNS ? PF_MATRIX_COLUMNS : 1;
                (rows > 1 ? columns > 1 ? pf_matrix_tile_many : pf_matrix_tile_column
                     : columns > 1      ? pf_matrix_tile_row
                                        : pf_matrix_tile_one)(
                    m, x + row * m->x_row * PF_LANES, second + column * m->second_column * PF_LANES,
                    y + (row * m->columns + column) * PF_LANES
                );
                column += columns;
            }
            row += rows;
        }
        x += m->x_next * PF_LANES;
        second += m->second_next * PF_LANES;
        y += m->rows * m->columns * PF_LANES;
    }
}

/// Neighbouring columns of R rows, where the second operand's columns are neighbours.
PF_INLINE void pf_single_matrix_columns(
    const int R, const pf_matrices *m, const float *x, const float *second, float *y, const int whole
) {
    pf_v sums[4];
    PF_UNROLL for (int r = 0; r < R; r++)
        sums[r] = pf_splat(0);
    for (long k = 0; k < m->inner; k++) {
        pf_v value = pf_take(second + k * m->second_inner, whole);
        PF_UNROLL for (int r = 0; r < R; r++)
            sums[r] += value * x[r * m->x_row + k];
    }
    PF_UNROLL for (int r = 0; r < R; r++)
        pf_put(y + r * m->columns, sums[r], whole);
}

/// One number, where the second operand's inner places are neighbours.
PF_INLINE float pf_single_dot(long count, const float *x, const float *second) {
    pf_v sums[2] = {pf_splat(0), pf_splat(0)};
    long k = 0;
    for (; k + 2 * PF_WIDTH <= count; k += 2 * PF_WIDTH) {
        PF_UNROLL for (int v = 0; v < 2; v++) {
            sums[v] += pf_load_unaligned(x + k + v * PF_WIDTH) * pf_load_unaligned(second + k + v * PF_WIDTH);
        }
    }
    float rest = 0;
    for (; k < count; k++) rest += x[k] * second[k];
    sums[0] += sums[1];
    for (int lane = 0; lane < PF_WIDTH; lane++) rest += sums[0][lane];
    return rest;
}

static void pf_set_single_multiply_matrices(
    const pf_matrices *m, const float *x, const float *second, float *y
) {
    for (long i = 0; i < m->count; i++) {
        if (m->second_column != 1) {
            for (long row = 0; row < m->rows; row++) {
                for (long c = 0; c < m->columns; c++) {
                    y[row * m->columns + c] =
                        pf_single_dot(m->inner, x + row * m->x_row, second + c * m->second_column);
                }
            }
        } else {
            long row = 0;
#define PF_MANY(j, whole)                                                                                    \
    pf_single_matrix_columns(4, m, x + row * m->x_row, second + (j), y + row * m->columns + (j), whole)
#define PF_ONE(j, whole)                                                                                     \
    pf_single_matrix_columns(1, m, x + row * m->x_row, second + (j), y + row * m->columns + (j), whole)
            for (; row + 4 <= m->rows; row += 4) PF_ALONG(m->columns, PF_MANY);
            for (; row < m->rows; row++) PF_ALONG(m->columns, PF_ONE);
#undef PF_MANY
#undef PF_ONE
        }
        x += m->x_next;
        second += m->second_next;
        y += m->rows * m->columns;
    }
}
