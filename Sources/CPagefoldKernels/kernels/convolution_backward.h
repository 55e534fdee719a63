// Convolution backward: cuts the gradient before the pool into pieces that stay in cache, and hands each
// piece to the weight gradient and the input gradient. The gradient before the pool is never whole in memory.

/// Fills a piece of dz (channels x rows from `start`) from dy through pool and activation, and adds the bias
/// gradient's per-lane sums to sums [channels][16].
static void pf_expand_gradient(
    const pf_convolution *c, const pf_geometry *g, const float *y, const uint8_t *argmax, const float *dy,
    long channel, long channels, long start, long rows, long width, float *dz, long dz_channel, float *sums
) {
    long size = c->pool ? 2 : 1;
    long y_columns = g->columns / size, y_rows = g->rows / size;
    for (long i = 0; i < channels; i++) {
        for (long row = 0; row < rows / size; row++) {
            long at = (((channel + i) * y_rows + start / size + row) * y_columns) * PF_LANES;
            float *z = dz + i * dz_channel + row * size * width * PF_LANES;
            PF_EACH_PART(part) {
                pf_v sum = pf_load(sums + i * PF_LANES + part);
                for (long column = 0; column < y_columns; column++) {
                    long from = at + column * PF_LANES + part;
                    pf_v d =
                        pf_activate_backward(c->activation, c->alpha, c->beta, pf_load(y + from), pf_load(dy + from));
                    sum += d;
                    float *to = z + column * size * PF_LANES + part;
                    if (size == 1) {
                        pf_store(to, d);
                    } else {
                        pf_i index = __builtin_convertvector(*(const pf_b *)(argmax + from), pf_i);
                        pf_v zero = pf_splat(0);
                        pf_store(to, pf_select(index == 0, d, zero));
                        pf_store(to + PF_LANES, pf_select(index == 1, d, zero));
                        pf_store(to + width * PF_LANES, pf_select(index == 2, d, zero));
                        pf_store(to + (width + 1) * PF_LANES, pf_select(index == 3, d, zero));
                    }
                }
                pf_store(sums + i * PF_LANES + part, sum);
            }
        }
    }
}

static void pf_set_convolution_backward(
    const pf_convolution *c, const float *x, const float *w, const float *y, const uint8_t *argmax,
    const float *dy, float *dx, float *dw, float *db, int32_t squared, void *scratch
) {
    pf_geometry g = pf_geometry_of(c);
    pf_division d = pf_divide(c, &g, dx != 0, squared);
    float *free = scratch;
    const float *input = x;
    float *gradient = dx;
    if (g.padded) {
        pf_pad(c, &g, x, free);
        input = free;
        free += d.padded;
        if (dx) {
            gradient = free;
            free += d.padded;
        }
    }
    if (dx) memset(gradient, 0, sizeof(float) * (size_t)(c->channels_in * g.x_channel));
    float *dz = free, *sums = dz + d.gradient, *bias_sums = sums + d.sums;
    memset(dz, 0, sizeof(float) * d.gradient);
    int spread = g.unit && c->stride_h == 1 && c->dilation_h <= 1;
    long dz_row = d.width * PF_LANES, dz_channel = d.rows * dz_row;
    for (long group = 0; group < g.groups; group++) {
        const float *group_x = input + group * g.in * g.x_channel;
        for (long first = 0; first < g.out; first += d.channels) {
            long channels = pf_minimum(d.channels, g.out - first), channel = group * g.out + first;
            if (!d.product) memset(sums, 0, sizeof(float) * (size_t)(channels * g.taps * PF_LANES));
            memset(bias_sums, 0, sizeof(float) * (size_t)(channels * PF_LANES));
            for (long start = 0; start < g.rows; start += d.rows) {
                long rows = pf_minimum(d.rows, g.rows - start);
                pf_expand_gradient(
                    c, &g, y, argmax, dy, channel, channels, start, rows, d.width, dz + d.left * PF_LANES,
                    dz_channel, bias_sums
                );
                pf_piece piece = {
                    dz + d.left * PF_LANES,       dz_channel, dz_row,        rows, g.columns,
                    group_x + start * g.step_row, g.step_row, g.step_column,
                };
                if (d.product) pf_weight_product(&g, &d, &piece, channels, dw + channel * g.taps, sums);
                for (long i = 0; i < channels && !d.product; i += 2) {
                    pf_weight_gradient(
                        &g, &piece, piece.dz + i * dz_channel, pf_minimum(2, channels - i),
                        sums + i * g.taps * PF_LANES
                    );
                }
                if (!dx) continue;
                float *group_dx = gradient + group * g.in * g.x_channel;
                if (spread) {
                    piece.dz = dz;
                    pf_input_gradient(&g, &piece, channels, start, w + channel * g.taps, group_dx);
                } else {
                    pf_input_gradient_apart(&g, &piece, channels, start, w + channel * g.taps, group_dx);
                }
            }
            if (!d.product) pf_add_lane_sums(sums, channels * g.taps, squared, dw + channel * g.taps);
            if (db) pf_add_lane_sums(bias_sums, channels, squared, db + channel);
        }
    }
    if (dx && g.padded) pf_crop(c, &g, gradient, dx);
}

static size_t pf_set_convolution_scratch(const pf_convolution *c) {
    pf_geometry g = pf_geometry_of(c);
    // The largest of the ways in which a backward pass may be divided.
    size_t most = 0;
    for (int kind = 0; kind < 4; kind++) {
        pf_division d = pf_divide(c, &g, kind & 1, kind >> 1);
        size_t need = 2 * d.padded + d.gradient + d.sums + (size_t)(d.channels * PF_LANES);
        if (need > most) most = need;
    }
    return sizeof(float) * most + 64;
}
