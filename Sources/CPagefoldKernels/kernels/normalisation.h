// Batch normalisation: training takes the statistics of one block (ghost batch normalisation), inference is
// given them.

/// The sum of the first `lanes` of sixteen numbers.
PF_INLINE double pf_sum_first_lanes(const float *sums, long lanes) {
    double sum = 0;
    for (long lane = 0; lane < lanes; lane++) sum += sums[lane];
    return sum;
}

static void pf_set_batch_norm_inference(
    int32_t channels, int32_t spatial, float epsilon, const float *x, const float *gamma, const float *beta,
    const float *mean, const float *variance, float *y
) {
    for (long channel = 0; channel < channels; channel++) {
        float scale = gamma[channel] / __builtin_elementwise_sqrt(variance[channel] + epsilon);
        float shift = beta[channel] - mean[channel] * scale;
        for (long i = channel * spatial * PF_LANES; i < (channel + 1) * spatial * PF_LANES; i += PF_WIDTH) {
            pf_store(y + i, pf_load(x + i) * scale + shift);
        }
    }
}

static void pf_set_batch_norm_forward_training(
    int32_t channels, int32_t spatial, int32_t lanes, float epsilon, const float *x, const float *gamma,
    const float *beta, float *y, float *mean, float *variance
) {
    double count = (double)lanes * spatial;
    for (long channel = 0; channel < channels; channel++) {
        const float *plane = x + channel * spatial * PF_LANES;
        _Alignas(64) float sums[PF_LANES];
        PF_EACH_PART(part) {
            pf_v sum = pf_splat(0);
            for (long i = 0; i < spatial; i++) sum += pf_load(plane + i * PF_LANES + part);
            pf_store(sums + part, sum);
        }
        float centre = (float)(pf_sum_first_lanes(sums, lanes) / count);
        PF_EACH_PART(part) {
            pf_v sum = pf_splat(0);
            for (long i = 0; i < spatial; i++) {
                pf_v away = pf_load(plane + i * PF_LANES + part) - centre;
                sum += away * away;
            }
            pf_store(sums + part, sum);
        }
        mean[channel] = centre;
        variance[channel] = (float)(pf_sum_first_lanes(sums, lanes) / count);
    }
    pf_set_batch_norm_inference(channels, spatial, epsilon, x, gamma, beta, mean, variance, y);
}

/// Per-lane sums of dy and of dy times the normalised x, over one channel.
PF_INLINE void pf_batch_norm_sums(
    long spatial, const float *x, const float *dy, float mean, float inverse, float *of_dy, float *of_product
) {
    PF_EACH_PART(part) {
        pf_v sum = pf_splat(0), product = pf_splat(0);
        for (long i = 0; i < spatial; i++) {
            pf_v d = pf_load(dy + i * PF_LANES + part);
            sum += d;
            product += d * ((pf_load(x + i * PF_LANES + part) - mean) * inverse);
        }
        pf_store(of_dy + part, sum);
        pf_store(of_product + part, product);
    }
}

static void pf_set_batch_norm_backward_training(
    int32_t channels, int32_t spatial, int32_t lanes, float epsilon, const float *x, const float *gamma,
    const float *mean, const float *variance, const float *dy, float *dx, float *dgamma, float *dbeta
) {
    double count = (double)lanes * spatial;
    _Alignas(64) float valid[PF_LANES];
    for (int lane = 0; lane < PF_LANES; lane++) valid[lane] = lane < lanes ? 1 : 0;
    for (long channel = 0; channel < channels; channel++) {
        _Alignas(64) float sums[PF_LANES], products[PF_LANES];
        long plane = channel * spatial * PF_LANES;
        float inverse = 1.0f / __builtin_elementwise_sqrt(variance[channel] + epsilon),
              centre = mean[channel];
        pf_batch_norm_sums(spatial, x + plane, dy + plane, centre, inverse, sums, products);
        double sum = pf_sum_first_lanes(sums, lanes), product = pf_sum_first_lanes(products, lanes);
        dgamma[channel] += (float)product;
        dbeta[channel] += (float)sum;
        float scale = gamma[channel] * inverse, a = (float)(sum / count), b = (float)(product / count);
        if (!dx) continue;
        PF_EACH_PART(part) {
            pf_v mask = pf_load(valid + part);
            for (long i = plane + part; i < plane + spatial * PF_LANES; i += PF_LANES) {
                pf_v normal = (pf_load(x + i) - centre) * inverse;
                pf_store(dx + i, (pf_load(dy + i) - a - normal * b) * scale * mask);
            }
        }
    }
}

static void pf_set_batch_norm_inference_backward(
    int32_t channels, int32_t spatial, float epsilon, const float *x, const float *gamma, const float *mean,
    const float *variance, const float *dy, float *dx, float *dgamma, float *dbeta, int32_t squared
) {
    for (long channel = 0; channel < channels; channel++) {
        _Alignas(64) float sums[PF_LANES], products[PF_LANES];
        long plane = channel * spatial * PF_LANES;
        float inverse = 1.0f / __builtin_elementwise_sqrt(variance[channel] + epsilon);
        pf_batch_norm_sums(spatial, x + plane, dy + plane, mean[channel], inverse, sums, products);
        dgamma[channel] += pf_sum_lanes(products, squared);
        dbeta[channel] += pf_sum_lanes(sums, squared);
        if (!dx) continue;
        float scale = gamma[channel] * inverse;
        for (long i = plane; i < plane + spatial * PF_LANES; i += PF_WIDTH)
            pf_store(dx + i, pf_load(dy + i) * scale);
    }
}
