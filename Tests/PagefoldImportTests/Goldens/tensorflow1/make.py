"""Makes the goldens of TensorFlow1Tests: small graphs with checkpoints, and TensorFlow's answers.

Run with TensorFlow 2.x:  python make.py [folder of the published checkpoints, for published.json]

Every input is the same sequence on both sides: s = 1664525 s + 1013904223 mod 2^32 from s = 1, x = (s >> 8) / 2^24.
"""
import json, os, sys
import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
v1.disable_v2_behavior()
v1.disable_control_flow_v2()
HERE = os.path.dirname(os.path.abspath(__file__))


def samples(shape):
    s, values = 1, []
    for _ in range(int(np.prod(shape))):
        s = (1664525 * s + 1013904223) & 0xFFFFFFFF
        values.append((s >> 8) / 2.0**24)
    return np.array(values, np.float32).reshape(shape)


class Weights:
    def __init__(self, resource=False):
        self.random, self.resource, self.count = np.random.default_rng(7), resource, 0

    def __call__(self, *shape, low=-1.0, high=1.0):
        self.count += 1
        values = self.random.uniform(low, high, shape).astype(np.float32) / np.float32(max(1, np.prod(shape[:-1])) ** 0.5)
        return v1.get_variable(f"v{self.count}", initializer=values, use_resource=self.resource)


def residual():
    """SAME windows of even and odd sizes, a sum and a join of feature maps, global mean, a transposed matrix."""
    w = Weights()
    x = v1.placeholder(tf.float32, [None, 9, 7, 3], "image")
    a = tf.nn.relu(tf.nn.bias_add(v1.nn.conv2d(x, w(3, 3, 3, 4), [1, 2, 2, 1], "SAME"), w(4)))
    b = v1.nn.conv2d(a, w(2, 3, 4, 4), [1, 1, 1, 1], "SAME") + w(4)
    c = v1.nn.avg_pool(a + b, [1, 3, 3, 1], [1, 2, 2, 1], "SAME")
    d = v1.nn.max_pool(tf.nn.tanh(b), [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    e = v1.reduce_mean(tf.concat([c, d], 3), [1, 2])
    return x, tf.nn.softmax(tf.matmul(e, w(5, 8), transpose_b=True) + w(5)), {}


def mobile(dropout=True):
    """Padding, batch normalisation, depthwise, leaky ReLU by hand, explicit padding, a computed flatten, new
    dropout, a loss with gradients; the answer is the logits of the loss."""
    w = Weights(resource=True)
    x = v1.placeholder(tf.float32, [None, 12, 10, 2], "image")
    y = v1.placeholder(tf.float32, [None, 3], "labels")
    h = v1.nn.conv2d(tf.pad(x, [[0, 0], [1, 2], [0, 1], [0, 0]]), w(3, 3, 2, 4), [1, 2, 2, 1], "VALID")
    h, _, _ = v1.nn.fused_batch_norm(h, w(4), w(4), w(4), w(4, low=0.5, high=2.0), epsilon=1e-3, is_training=False)
    h = v1.nn.depthwise_conv2d(tf.nn.relu6(h), w(3, 3, 4, 2), [1, 1, 1, 1], "SAME")
    h = tf.maximum(0.125 * h, h)
    h = v1.nn.conv2d(h, w(2, 2, 8, 4), [1, 1, 1, 1], [[0, 0], [1, 0], [0, 2], [0, 0]])
    h = tf.reshape(h, [tf.shape(h)[0], 7 * 6 * 4])
    if dropout:
        h = v1.nn.dropout(h, rate=0.25)
    h = tf.sigmoid(tf.matmul(h, w(7 * 6 * 4, 6)) + w(6))
    logits = tf.nn.bias_add(tf.matmul(h, w(6, 3)), w(3))
    loss = tf.reduce_mean(v1.nn.softmax_cross_entropy_with_logits_v2(logits=logits, labels=y))
    v1.train.GradientDescentOptimizer(0.1).minimize(loss)
    return x, logits, {}


def branches():
    """A flat input, a scale, batch normalisation under a training flag, dilation, one-dimensional convolution,
    softmax by hand."""
    w = Weights()
    x = v1.placeholder(tf.float32, [None, 40], "features")
    flag = v1.placeholder(tf.bool, [], "flag")
    h = tf.reshape(x, [-1, 5, 4, 2]) / 0.5
    h = v1.nn.conv2d(h, w(2, 2, 2, 3), [1, 1, 1, 1], "SAME", dilations=[1, 2, 1, 1])
    gamma, beta, mean, variance = w(3), w(3), w(3), w(3, low=0.5, high=2.0)
    h = v1.cond(
        flag,
        lambda: v1.nn.fused_batch_norm(h, gamma, beta, is_training=True)[0],
        lambda: v1.nn.fused_batch_norm(h, gamma, beta, mean, variance, is_training=False)[0])
    h = v1.nn.max_pool(h, [1, 5, 1, 1], [1, 1, 1, 1], "VALID")
    h = v1.nn.conv2d(tf.expand_dims(tf.squeeze(h, [1]), 1), w(1, 2, 3, 4), [1, 1, 1, 1], "VALID")
    h = tf.nn.leaky_relu(h * w(4) - w(1, 1, 1, 4))
    z = tf.matmul(tf.reshape(h, [-1, 12]), w(12, 3)) + w(3)
    e = tf.exp(z - tf.reduce_max(z, -1, keepdims=True))
    return x, e / tf.reduce_sum(e, -1, keepdims=True), {flag: False}


def flattened():
    """Flattened feature maps that are shifted, joined, summed and squashed before a dense layer sees them."""
    w = Weights()
    x = v1.placeholder(tf.float32, [2, 4, 6, 2], "image")
    a = tf.reshape(v1.nn.conv2d(x, w(2, 2, 2, 3), [1, 2, 2, 1], "VALID"), [-1, 18])
    b = tf.reshape(v1.nn.avg_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID"), [-1, 12])
    a = tf.nn.leaky_relu(a + w(18), alpha=0.3)
    keep = v1.placeholder_with_default(1.0, [])
    h = v1.nn.dropout(tf.concat([a + a, b], 1), keep_prob=keep)
    return x, tf.matmul(tf.tanh(tf.matmul(h, w(30, 7))), w(7, 4)), {}


def save(session, prefix):
    saver = v1.train.Saver()
    saver.save(session, prefix, write_meta_graph=False)
    meta = saver.export_meta_graph(clear_devices=True, strip_default_attrs=True)
    meta.meta_info_def.Clear()
    with open(prefix + ".meta", "wb") as f:
        f.write(meta.SerializeToString(deterministic=True))


answers = {}
for build in residual, mobile, branches, flattened:
    with v1.Graph().as_default(), v1.Session() as session:
        build()
        session.run(v1.global_variables_initializer())
        save(session, os.path.join(HERE, build.__name__))
    with v1.Graph().as_default(), v1.Session() as session:
        # The saved graph drops at random whatever is fed; the same one without dropout gives the answer.
        x, y, feeds = build(dropout=False) if build is mobile else build()
        session.run(v1.global_variables_initializer())
        result = session.run(y, {x: samples([2] + [int(d) for d in x.shape[1:]]), **feeds})
        answers[build.__name__] = [float(v) for v in result.reshape(-1)]
    checkpoint = os.path.join(HERE, "checkpoint")
    if os.path.exists(checkpoint):
        os.remove(checkpoint)
with open(os.path.join(HERE, "answers.json"), "w") as f:
    json.dump(answers, f, indent=1)

if len(sys.argv) > 1:
    published = {}
    for name in "cifar10 mnist fmnist gtsrb svhn obs gsc esc10 us8k hhar".split():
        with v1.Graph().as_default() as graph, v1.Session() as session:
            prefix = f"{sys.argv[1]}/{name}/{name}"
            v1.train.import_meta_graph(prefix + ".meta", clear_devices=True).restore(session, prefix)
            image = graph.get_tensor_by_name("neuron_0:0")
            exp = next(o.inputs[0].op for o in graph.get_operations()
                       if o.type == "RealDiv" and [i.op.type for i in o.inputs] == ["Exp", "Sum"])
            logits = exp.inputs[0].op.inputs[0]
            x = samples([1] + [int(d) for d in image.shape[1:]])
            result = session.run(logits, {image: x, "keep_prob:0": 1.0})
            published[name] = [float(v) for v in result.reshape(-1)]
    with open(os.path.join(HERE, "published.json"), "w") as f:
        json.dump(published, f, indent=1)
