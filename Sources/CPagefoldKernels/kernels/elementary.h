// exp, log, tanh and the activations on vectors, to about 2 ulp. NaN stays NaN; exp saturates instead of
// overflowing.

/// Splits exp(x) = 2^n (1 + q): returns q and writes 2^n. |x| below about 87.
PF_INLINE pf_v pf_exp_parts(pf_v x, pf_v *power) {
    // Adding and taking away 1.5 * 2^23 rounds to an integer, whose bits are then the low bits of the sum.
    pf_v magic = pf_splat(12582912.0f);
    pf_v shifted = x * 1.442695041f + magic;
    pf_v n = shifted - magic;
    // ln 2 in two parts, the first with few bits, so that n times it is exact.
    pf_v r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    // Taylor's series to r^7: |r| <= 0.347, so the rest is below 6e-9.
    pf_v q = r * (1.0f / 5040) + (1.0f / 720);
    q = q * r + (1.0f / 120);
    q = q * r + (1.0f / 24);
    q = q * r + (1.0f / 6);
    q = q * r + 0.5f;
    q = q * (r * r) + r;
    pf_i bits = (pf_i)(shifted) - (pf_i)(magic);
    *power = (pf_v)((bits + 127) << 23);
    return q;
}

PF_INLINE pf_v pf_exp(pf_v x) {
    x = pf_min(pf_splat(88.3f), pf_max(pf_splat(-87.3f), x));
    pf_v power;
    pf_v q = pf_exp_parts(x, &power);
    return power * q + power;
}

/// x > 0 and normal.
PF_INLINE pf_v pf_log(pf_v x) {
    // x = 2^e m with m in [sqrt(1/2), sqrt(2)); log m = 2 artanh((m - 1) / (m + 1)).
    pf_i bits = (pf_i)(x);
    pf_i e = (bits - 0x3f3504f3) >> 23;
    pf_v m = (pf_v)(bits - (e << 23));
    pf_v s = (m - 1.0f) / (m + 1.0f), s2 = s * s;
    pf_v series = s2 * (1.0f / 11) + (1.0f / 9);
    series = series * s2 + (1.0f / 7);
    series = series * s2 + (1.0f / 5);
    series = series * s2 + (1.0f / 3);
    series = series * s2 * s + s;
    pf_v n = __builtin_convertvector(e, pf_v);
    return n * 0.693359375f + (series * 2.0f - n * 2.12194440e-4f);
}

PF_INLINE pf_v pf_sigmoid(pf_v x) { return 1.0f / (1.0f + pf_exp(-x)); }

PF_INLINE pf_v pf_tanh(pf_v x) {
    // From exp(2x) - 1, which keeps the digits of a small x.
    pf_v twice = pf_min(pf_splat(20.0f), pf_max(pf_splat(-20.0f), x + x));
    pf_v power;
    pf_v q = pf_exp_parts(twice, &power);
    pf_v e = power * q + (power - 1.0f);
    return e / (e + 2.0f);
}

PF_INLINE pf_v pf_activate(int activation, float alpha, float beta, pf_v x) {
    pf_v zero = pf_splat(0);
    switch (activation) {
    case PF_RELU: return pf_max(zero, x);
    case PF_RELU6: return pf_min(pf_splat(6), pf_max(zero, x));
    case PF_LEAKY_RELU: return pf_select(x < zero, x * alpha, x);
    case PF_SIGMOID: return pf_sigmoid(x);
    case PF_TANH: return pf_tanh(x);
    case PF_CLIP: return pf_min(pf_splat(beta), pf_max(pf_splat(alpha), x));
    default: return x;
    }
}

/// dy times the derivative at the output y.
PF_INLINE pf_v pf_activate_backward(int activation, float alpha, float beta, pf_v y, pf_v dy) {
    pf_v zero = pf_splat(0);
    switch (activation) {
    case PF_RELU: return pf_select(y > zero, dy, zero);
    case PF_RELU6: return pf_select((y > zero) & (y < pf_splat(6)), dy, zero);
    case PF_LEAKY_RELU: return pf_select(y > zero, dy, dy * alpha);
    case PF_SIGMOID: return dy * y * (1.0f - y);
    case PF_TANH: return dy * (1.0f - y * y);
    case PF_CLIP: return pf_select((y > pf_splat(alpha)) & (y < pf_splat(beta)), dy, zero);
    default: return dy;
    }
}
