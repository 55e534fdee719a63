// Kernels that take one vector at a time: activation, bias, addition, dropout, Adam, the reduction of partial
// sums.

static void pf_set_activation_forward(
    int32_t activation, float alpha, float beta, size_t count, const float *x, float *y
) {
    for (size_t i = 0; i < count * PF_LANES; i += PF_WIDTH) {
        pf_store(y + i, pf_activate(activation, alpha, beta, pf_load(x + i)));
    }
}

static void pf_set_activation_backward(
    int32_t activation, float alpha, float beta, size_t count, const float *y, const float *dy, float *dx
) {
    for (size_t i = 0; i < count * PF_LANES; i += PF_WIDTH) {
        pf_store(dx + i, pf_activate_backward(activation, alpha, beta, pf_load(y + i), pf_load(dy + i)));
    }
}

static void pf_set_bias_forward(
    int32_t channels, int32_t spatial, const float *x, const float *bias, float *y
) {
    for (long channel = 0; channel < channels; channel++) {
        for (long i = channel * spatial * PF_LANES; i < (channel + 1) * spatial * PF_LANES; i += PF_WIDTH) {
            pf_store(y + i, pf_load(x + i) + bias[channel]);
        }
    }
}

static void pf_set_bias_backward(
    int32_t channels, int32_t spatial, const float *dy, float *db, int32_t squared
) {
    for (long channel = 0; channel < channels; channel++) {
        _Alignas(64) float sums[PF_LANES];
        PF_EACH_PART(part) {
            pf_v sum = pf_splat(0);
            for (long i = 0; i < spatial; i++) sum += pf_load(dy + (channel * spatial + i) * PF_LANES + part);
            pf_store(sums + part, sum);
        }
        db[channel] += pf_sum_lanes(sums, squared);
    }
}

static void pf_set_add(size_t count, const float *a, const float *b, float *y) {
    size_t i = 0;
    for (; i + PF_WIDTH <= count; i += PF_WIDTH) {
        pf_store_unaligned(y + i, pf_load_unaligned(a + i) + pf_load_unaligned(b + i));
    }
    for (; i < count; i++) y[i] = a[i] + b[i];
}

static void pf_set_multiply(size_t count, const float *a, const float *b, float *y) {
    size_t i = 0;
    for (; i + PF_WIDTH <= count; i += PF_WIDTH) {
        pf_store_unaligned(y + i, pf_load_unaligned(a + i) * pf_load_unaligned(b + i));
    }
    for (; i < count; i++) y[i] = a[i] * b[i];
}

static void pf_set_add_into(size_t count, float *y, const float *x) { pf_set_add(count, y, x, y); }

/// A hash of 64 bits to 64: multiply and xor-shift, the finaliser of SplitMix64 (Steele et al. 2014).
PF_INLINE uint64_t pf_mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

static void pf_set_dropout_forward(
    size_t count, float rate, uint64_t seed, uint64_t counter, const float *x, float *y
) {
    const uint64_t key = pf_mix(seed + 0x9e3779b97f4a7c15ull) ^ pf_mix(counter * 0x9e3779b97f4a7c15ull + 1);
    const float scale = rate < 1 ? 1.0f / (1.0f - rate) : 0;
    for (size_t i = 0; i < count * PF_LANES; i++) {
        float uniform = (float)(pf_mix(key + i * 0x9e3779b97f4a7c15ull) >> 40) * 0x1p-24f;
        y[i] = uniform < rate ? 0 : x[i] * scale;
    }
}

static void pf_set_dropout_backward(
    size_t count, float rate, uint64_t seed, uint64_t counter, const float *dy, float *dx
) {
    pf_set_dropout_forward(count, rate, seed, counter, dy, dx);
}

static void pf_set_adam(
    size_t count, float *w, const float *g, float *m, float *v, float learning_rate, float beta1, float beta2,
    float epsilon, float correction1, float correction2
) {
    const float step = learning_rate / correction1, root = 1.0f / correction2;
    for (size_t i = 0; i < count; i += PF_WIDTH) {
        // The last few weights go through a small buffer, so that they take the same arithmetic as the rest.
        size_t n = count - i < PF_WIDTH ? count - i : PF_WIDTH;
        pf_v gi = pf_splat(0), mi = gi, vi = gi, wi = gi;
        if (n == PF_WIDTH) {
            gi = pf_load_unaligned(g + i), mi = pf_load_unaligned(m + i);
            vi = pf_load_unaligned(v + i), wi = pf_load_unaligned(w + i);
        } else {
            memcpy(&gi, g + i, n * sizeof(float)), memcpy(&mi, m + i, n * sizeof(float));
            memcpy(&vi, v + i, n * sizeof(float)), memcpy(&wi, w + i, n * sizeof(float));
        }
        mi += (gi - mi) * (1 - beta1);
        vi += (gi * gi - vi) * (1 - beta2);
        wi -= mi * step / (__builtin_elementwise_sqrt(vi * root) + epsilon);
        if (n == PF_WIDTH) {
            pf_store_unaligned(m + i, mi), pf_store_unaligned(v + i, vi), pf_store_unaligned(w + i, wi);
        } else {
            memcpy(m + i, &mi, n * sizeof(float)), memcpy(v + i, &vi, n * sizeof(float));
            memcpy(w + i, &wi, n * sizeof(float));
        }
    }
}

static void pf_set_reduce(size_t count, const float *const *partials, int32_t n, float *out) {
    size_t i = 0;
    for (; i + 4 * PF_WIDTH <= count; i += 4 * PF_WIDTH) {
        pf_v sums[4] = {pf_splat(0), pf_splat(0), pf_splat(0), pf_splat(0)};
        for (int32_t k = 0; k < n; k++) {
            PF_UNROLL for (int j = 0; j < 4; j++)
                sums[j] += pf_load_unaligned(partials[k] + i + j * PF_WIDTH);
        }
        PF_UNROLL for (int j = 0; j < 4; j++)
            pf_store_unaligned(out + i + j * PF_WIDTH, sums[j]);
    }
    for (; i < count; i++) {
        float sum = 0;
        for (int32_t k = 0; k < n; k++) sum += partials[k][i];
        out[i] = sum;
    }
}

static void pf_set_transpose_block(int32_t samples, size_t features, const float *const *rows, float *block) {
    size_t i = 0;
    for (; i + PF_LANES <= features; i += PF_LANES) {
        pf_row r[PF_LANES];
        for (int32_t k = 0; k < PF_LANES; k++) {
            if (k < samples) r[k] = *(const pf_row *)(rows[k] + i);
            else r[k] = (pf_row)0.0f;
        }
        pf_transpose_rows(r);
        PF_UNROLL for (int k = 0; k < PF_LANES; k++)
            *(pf_row *)(block + (i + k) * PF_LANES) = r[k];
    }
    for (; i < features; i++) {
        for (int32_t k = 0; k < PF_LANES; k++) block[i * PF_LANES + k] = k < samples ? rows[k][i] : 0;
    }
}

static void pf_set_untranspose_block(
    int32_t samples, size_t features, const float *block, float *const *rows
) {
    size_t i = 0;
    for (; i + PF_LANES <= features; i += PF_LANES) {
        pf_row r[PF_LANES];
        for (int k = 0; k < PF_LANES; k++) r[k] = *(const pf_row *)(block + (i + k) * PF_LANES);
        pf_transpose_rows(r);
        for (int32_t k = 0; k < samples; k++) *(pf_row *)(rows[k] + i) = r[k];
    }
    for (; i < features; i++) {
        for (int32_t k = 0; k < samples; k++) rows[k][i] = block[i * PF_LANES + k];
    }
}
