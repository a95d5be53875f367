"""The notes, worked through: each formula as the notes state it (corrected) beside Fovea's notes and its layers.

    PYTHONPATH=build/release/python /usr/bin/python3 python/examples/notes.py

One line for each thing that the notes describe, by its number in docs/derivations/coverage.md, with the largest difference.
"""

import numpy as np

from fovea import Network, functional as F, notes

rng = np.random.default_rng(231)


def draw(*shape):
    return rng.standard_normal(shape)


def show(item, what, *pairs, tolerance=1e-12):
    """Sums of some hundred products in double differ by 1e-14 of their size."""
    largest = max(float(np.abs(np.subtract(a, b)).max() / max(1.0, np.abs(b).max())) for a, b in pairs)
    print(f"{item:>8}  {what:<66} {largest:.0e}")
    assert all(np.shape(a) == np.shape(b) for a, b in pairs) and largest <= tolerance, (item, largest)


def numeric_gradient(f, x, dy, step=1e-5):
    """The gradient of <dy, f(x)> by central differences, an entry at a time."""
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        kept = x[i]
        x[i] = kept + step
        above = (dy * f(x)).sum()
        x[i] = kept - step
        gradient[i] = (above - (dy * f(x)).sum()) / (2 * step)
        x[i] = kept
    return gradient


QUOTIENT = 1e-7  # central differences with steps of 1e-5: truncation 1e-10, cancellation 1e-11 over the step


def convolution():
    x, w, b = draw(2, 3, 7, 6), draw(4, 3, 3, 2), draw(4)
    (N, C, H, W), (K, _, HH, WW), S, P = x.shape, w.shape, 2, 1
    before = x.copy()
    y = F.conv2d(x, w, b, stride=S, padding=P)
    Hh, Ww = 1 + (H + 2 * P - HH) // S, 1 + (W + 2 * P - WW) // S
    show("1, 2", "(N,C,H,W), (F,C,HH,WW) -> (N,F,Hh,Hw), rounded down", (y.shape, (N, K, Hh, Ww)))

    x_pad = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P)))
    show("3", "padding with zeros leaves x as it is", (notes.pad(x, P), x_pad), (x, before))

    a, f = draw(1, 1, 5, 5), draw(1, 1, 3, 3)
    y11 = sum(a[0, 0, 2 + i, 2 + j] * f[0, 0, i, j] for i in range(3) for j in range(3))
    show("4", "5x5, filter 3x3, stride 2: y11 reads rows and columns 2 to 4", (F.conv2d(a, f, stride=2)[0, 0, 1, 1], y11))

    loops, dy = np.zeros_like(y), draw(*y.shape)
    dw, dx_pad = np.zeros_like(w), np.zeros_like(x_pad)
    for n in range(N):
        for k in range(K):
            for p in range(Hh):
                for q in range(Ww):
                    window = np.s_[n, :, p * S:p * S + HH, q * S:q * S + WW]
                    loops[n, k, p, q] = (w[k] * x_pad[window]).sum() + b[k]
                    dx_pad[window] += dy[n, k, p, q] * w[k]
    show("5", "forward by four loops", (y, loops), (notes.conv_forward(x, w, b, S, P), loops))

    for i in range(HH):
        for j in range(WW):
            # E12: rows by their own number, columns by theirs.
            strided = x_pad[:, :, i:i + Hh * S:S, j:j + Ww * S:S]
            dw[:, :, i, j] = np.einsum("nkpq,ncpq->kc", dy, strided)
    dx, their_dw, db = F.conv2d_backward(dy, x, w, b, stride=S, padding=P)
    show("6", "dw by strided slices", (their_dw, dw), (notes.conv_dw(dy, x, w.shape, S, P), dw))
    show("7", "db", (db, dy.sum(axis=(0, 2, 3))), (notes.conv_db(dy), db))
    ways = {m: notes.conv_dx(dy, w, x.shape, S, P, method=m) for m in
            ("nine_loops", "masks", "closed_form", "scatter", "turned_filters")}
    show("8", "dx by nine loops", (ways["nine_loops"], dx))
    show("9", "dx by masks", (ways["masks"], dx))
    show("10", "dx in closed form", (ways["closed_form"], dx))
    show("11", "x_pad[h] = x[h - P] where P <= h < H + P", (notes.pad_backward(dx_pad, P), dx_pad[:, :, P:-P, P:-P]))
    show("12", "without the loops over pixels: scatter, turned filters", (dx_pad[:, :, P:-P, P:-P], dx),
         (ways["scatter"], dx), (ways["turned_filters"], dx))
    show("check", "dx, dw, db are difference quotients",
         (numeric_gradient(lambda v: F.conv2d(v, w, b, stride=S, padding=P), x, dy), dx),
         (numeric_gradient(lambda v: F.conv2d(x, v, b, stride=S, padding=P), w, dy), dw),
         (numeric_gradient(lambda v: F.conv2d(x, w, v, stride=S, padding=P), b, dy), db), tolerance=QUOTIENT)

    flipped = F.conv2d(x, np.ascontiguousarray(w[:, :, ::-1, ::-1]), b, stride=S, padding=P)
    assert np.abs(flipped - y).max() > 0.1, "E16: what is computed is cross-correlation"
    unread = F.conv2d_backward(np.ones((1, 1, 2, 2)), draw(1, 1, 6, 6), draw(1, 1, 3, 3), stride=2)[0]
    show("E17", "what the stride leaves over has gradient 0", (unread[0, 0, 5], np.zeros(6)), (unread[0, 0, :, 5], np.zeros(6)))


def pooling():
    x = draw(2, 3, 6, 8)
    dy = draw(2, 3, 3, 3)
    y = F.max_pool2d(x, (2, 3), stride=2)
    show("13, 14", "max pooling, windows of 2x3, stride 2", (y.shape, (2, 3, 3, 3)), (notes.max_pool_forward(x, 2, 3, 2), y),
         (y[1, 2, 1, 1], x[1, 2, 2:4, 2:5].max()))
    dx = F.max_pool2d_backward(dy, x, (2, 3), stride=2)
    show("15", "the gradient goes to the window's own maximum; overlaps add up", (notes.max_pool_dx(dy, x, 2, 3, 2), dx),
         (dx.sum(), dy.sum()))
    show("check", "dx is the difference quotient",
         (numeric_gradient(lambda v: F.max_pool2d(v, (2, 3), stride=2), x, dy), dx), tolerance=QUOTIENT)

    # E22: 9 is the maximum of the second window, and stands earlier in the plane, in no window's maximum of its own.
    plane = np.array([[[[9.0, 10, 1, 2], [3, 4, 9, 5]]]])
    right, wrong = (f(np.array([[[[1.0, 1]]]]), plane) for f in (notes.max_pool_dx, notes.max_pool_dx_plane_wide))
    show("E22", "the maximum is looked for in its window, not in the plane", (right[0, 0, 1, 2], 1), (wrong[0, 0, 0, 0], 1),
         (F.max_pool2d_backward(np.array([[[[1.0, 1]]]]), plane, 2), right))
    ties = np.zeros((1, 1, 2, 2))
    show("E24", "of ties the first takes all; the mask makes gradient out of nothing",
         (F.max_pool2d_backward(np.ones((1, 1, 1, 1)), ties, 2).sum(), 1),
         (notes.max_pool_dx_all_ties(np.ones((1, 1, 1, 1)), ties).sum(), 4))


def normalisation():
    x, gamma, beta, dy = draw(4, 3, 5, 4), draw(3), draw(3), draw(4, 3, 5, 4)
    shape, m, eps = (1, 3, 1, 1), 4 * 5 * 4, 1e-5
    mu, var = x.mean(axis=(0, 2, 3)).reshape(shape), x.var(axis=(0, 2, 3)).reshape(shape)
    xhat = (x - mu) / np.sqrt(var + eps)
    y = gamma.reshape(shape) * xhat + beta.reshape(shape)
    norm = lambda v: F.batch_norm(v, weight=gamma, bias=beta, training=True)
    show("16", "spatial batch norm in four lines", (norm(x), y), (notes.spatial_batch_norm(x, gamma, beta), y))
    dx, dgamma, dbeta = F.batch_norm_backward(dy, x, weight=gamma, bias=beta, training=True)
    show("17", "dgamma and dbeta", (dgamma, (dy * xhat).sum(axis=(0, 2, 3))), (dbeta, dy.sum(axis=(0, 2, 3))))
    total = lambda v: v.sum(axis=(0, 2, 3)).reshape(shape)
    expression = (gamma.reshape(shape) / m * (var + eps) ** -0.5
                  * (m * dy - total(dy) - (x - mu) / (var + eps) * total(dy * (x - mu))))
    show("18", "dx in one expression", (dx, expression), (notes.spatial_batch_norm_backward(dy, x, gamma)[0], dx))
    show("check", "dx is the difference quotient", (numeric_gradient(norm, x, dy), dx), tolerance=QUOTIENT)

    rows = np.swapaxes(x, 1, 3).reshape(-1, 3)
    by_rows = np.swapaxes(notes.batch_norm_1d(rows, gamma, beta).reshape(4, 4, 5, 3), 1, 3)
    dx_rows = notes.batch_norm_1d_backward(notes.to_rows(dy), rows, gamma)[0]
    show("19", "by the one-dimensional one: exchange the axes, then reshape", (notes.to_rows(x), rows), (by_rows, y),
         (notes.from_rows(dx_rows, x.shape), dx))
    apart = x + 3 * np.arange(3).reshape(shape)
    wrong = notes.batch_norm_1d(notes.wrong_rows(apart), np.ones(3), np.zeros(3)).reshape(x.shape)
    assert np.abs(wrong.mean(axis=(0, 2, 3))).max() > 0.5, "E38: reshaping alone mixes the channels"

    show("20", "Darknet's six steps in their order", *zip(notes.darknet_backward(dy, x, gamma), (dx, dgamma, dbeta)))
    for order in ("scale_last", "variance_as_printed"):
        assert np.abs(notes.darknet_backward(dy, x, gamma, order)[0] - dx).max() > 0.01, "E30, E31"
    rolling_mean, rolling_var = draw(3), np.abs(draw(3)) + 0.5
    frozen = F.batch_norm_backward(dy, x, rolling_mean, rolling_var, gamma, beta)[0]
    show("E32", "rolling statistics are constants: dx = gamma*delta/sqrt(var + eps)",
         (notes.darknet_backward_frozen(dy, gamma, rolling_var), frozen))
    show("E33", "Darknet divides by m - 1", (notes.darknet_variance(x, 1), x[:, 1].var() * m / (m - 1)))

    running_mean, running_var = np.zeros(3), np.zeros(3)
    F.batch_norm(x, running_mean, running_var, gamma, beta, training=True, momentum=0.9, momentum_weighs="old",
                 running_variance="biased")
    show("E28", "CS231n's running statistics: 0.9 is the weight of the old, variance from 0, biased",
         (running_mean, 0.1 * mu.ravel()), (running_var, 0.1 * var.ravel()))
    want = gamma.reshape(shape) * (x - running_mean.reshape(shape)) / np.sqrt(running_var.reshape(shape) + eps) + beta.reshape(shape)
    show("test", "inference uses them", (F.batch_norm(x, running_mean, running_var, gamma, beta), want))


def sandwich():
    x, w, b, gamma, beta = draw(6, 5), draw(5, 4), draw(4), draw(4), draw(4)
    h = x @ w + b
    mu, var, eps, N = h.mean(axis=0), h.var(axis=0), 1e-5, 6

    def jacobian(k, l, i, j):
        """d hhat[k,l] / d h[i,j]"""
        if l != j:
            return 0.0
        delta, centred = float(k == i), (h[k, l] - mu[l]) * (h[i, l] - mu[l])
        return (delta - 1 / N) * (var[l] + eps) ** -0.5 - centred * (var[l] + eps) ** -1.5 / N

    entries = [(0, 0, 0, 0), (0, 1, 0, 1), (1, 1, 1, 1), (0, 1, 0, 0), (2, 3, 5, 3)]
    show("21", "the Jacobian of the normalised value", *((notes.norm_jacobian(h, *e), jacobian(*e)) for e in entries))

    layers = lambda x, w, b: F.batch_norm(F.linear(x, np.ascontiguousarray(w.T), b), weight=gamma, bias=beta, training=True)
    y = layers(x, w, b)
    a, da = F.relu(y), draw(6, 4)
    dy = F.relu_backward(da, y)
    dh, dgamma, dbeta = F.batch_norm_backward(dy, h, weight=gamma, bias=beta, training=True)
    want = (dh @ w.T, x.T @ dh, dh.sum(axis=0), dgamma, dbeta)
    show("22", "affine, batch norm, ReLU: the chain of the layers", (notes.affine_batch_norm_relu(x, w, b, gamma, beta), a),
         *zip(notes.affine_batch_norm_relu_backward(da, x, w, b, gamma, beta), want))
    show("E36", "dy = da where y > 0", (dy, da * (y > 0)))
    show("E37", "the gradient of a bias before a batch norm is 0", (want[2], np.zeros(4)))
    show("check", "dx and dw are difference quotients", (numeric_gradient(lambda v: F.relu(layers(v, w, b)), x, da), want[0]),
         (numeric_gradient(lambda v: F.relu(layers(x, v, b)), w, da), want[1]), tolerance=QUOTIENT)


def assignment():
    """What the assignment around the notes adds: dropout, losses, update rules, the three-layer network."""
    x = np.abs(draw(500, 40)) + 1
    dropped = F.dropout(x, p=0.3, seed=1)
    kept = dropped != 0
    show("dropout", "inverted: kept values are divided by 1 - p", (dropped[kept], x[kept] / 0.7),
         (F.dropout_backward(np.ones_like(x), x, p=0.3, seed=1), kept / 0.7), (F.dropout(x, p=0.3, training=False), x))
    assert abs(kept.mean() - 0.7) < 0.02, "20000 draws: three deviations are 0.01"

    scores, labels = draw(5, 4), np.array([0, 3, 1, 1, 2])
    p = F.softmax(scores)
    one_hot = np.eye(4)[labels]
    show("softmax", "loss and gradient", (F.softmax_cross_entropy(scores, labels), -np.log((p * one_hot).sum(axis=1)).mean()),
         (F.softmax_cross_entropy_backward(1, scores, labels), (p - one_hot) / 5))
    margins = np.maximum(0, scores - (scores * one_hot).sum(axis=1, keepdims=True) + 1) * (1 - one_hot)
    show("svm", "the multiclass hinge loss", (F.multiclass_hinge(scores, labels), margins.sum(axis=1).mean()))

    w, dw = draw(6).astype(np.float32), draw(6).astype(np.float32)
    v, (mean, square) = np.zeros(6), np.zeros((2, 6))
    want, states = {"sgd": w.copy(), "rmsprop": w.copy(), "adam": w.copy()}, dict.fromkeys(("sgd", "rmsprop", "adam"))
    mine = {name: w for name in want}
    cache = np.zeros(6)
    for t in (1, 2, 3):
        v = 0.9 * v + dw
        want["sgd"] = want["sgd"] - 0.01 * v
        cache = 0.99 * cache + 0.01 * dw**2
        want["rmsprop"] = want["rmsprop"] - 0.01 * dw / (np.sqrt(cache) + 1e-8)
        mean, square = 0.9 * mean + 0.1 * dw, 0.999 * square + 0.001 * dw**2
        want["adam"] = want["adam"] - 0.01 * mean / (1 - 0.9**t) / (np.sqrt(square / (1 - 0.999**t)) + 1e-8)
        mine["sgd"], states["sgd"] = F.sgd(mine["sgd"], dw, states["sgd"], lr=0.01, momentum=0.9)
        mine["rmsprop"], states["rmsprop"] = F.rmsprop(mine["rmsprop"], dw, states["rmsprop"], lr=0.01)
        mine["adam"], states["adam"] = F.adam(mine["adam"], dw, states["adam"], lr=0.01)
    show("rules", "SGD with momentum, RMSProp, Adam", *((mine[n], want[n]) for n in want), tolerance=1e-6)  # float32

    net, images = Network.build("threelayer", (3, 16, 16), 10, seed=1), draw(3, 3, 16, 16)
    tensors = {name: value.astype(np.float64) for name, value in net.parameters.items()}
    values, names = {"input": images}, iter(tensors)
    for layer in net.layers:
        x = values["last"] if "last" in values else images
        if layer.type == "conv2d":
            x = F.conv2d(x, tensors[next(names)], tensors[next(names)], padding=3)
        elif layer.type == "linear":
            x = F.linear(x, tensors[next(names)], tensors[next(names)])
        else:
            x = {"relu": F.relu, "flatten": F.flatten, "max_pool2d": lambda v: F.max_pool2d(v, 2)}[layer.type](x)
        values["last"] = x
    show("network", "ThreeLayerConvNet, layer by layer", (net.forward(images), values["last"]))


if __name__ == "__main__":
    for part in (convolution, pooling, normalisation, sandwich, assignment):
        part()
    print("all good")
