#include <fmt/format.h>

#include <initializer_list>

#include "arrays.h"
#include "bindings.h"
#include "fovea/base/error.h"
#include "fovea/notes/affine_batch_norm_relu.h"
#include "fovea/notes/convolution.h"
#include "fovea/notes/darknet_batch_norm.h"
#include "fovea/notes/max_pool.h"

namespace fovea::python {
namespace {

using notes::ConvShape;
using notes::NormGradients;
using notes::PoolWindow;
using Array = py::object;  // of doubles
using View = TensorView<const double>;

View Of(const Array& array, const char* name) { return ReadOnly<double>(array, name); }

// The notes' functions trust their arguments; these say what is wrong with them.
void Rank(View x, int rank, const char* name) {
  if (x.shape().rank() != rank)
    throw ShapeError(fmt::format("{} needs {} axes, got {}", name, rank, x.shape().ToString()));
}
void Same(View x, const Shape& want, const char* name) {
  if (x.shape() != want)
    throw ShapeError(fmt::format("{} must be {}, got {}", name, want.ToString(), x.shape().ToString()));
}
void AtLeast(int64_t value, int64_t least, const char* name) {
  constexpr int64_t kMost = 1 << 20;
  if (value < least || value > kMost)
    throw ArgumentError(fmt::format("{} is {}; it must be {} to {}", name, value, least, kMost));
}

Shape ConvOutput(const Shape& x, const Shape& w, const ConvShape& s) {
  AtLeast(s.stride, 1, "stride");
  AtLeast(s.pad, 0, "pad");
  const int64_t h = x[2] + 2 * s.pad - w[2], v = x[3] + 2 * s.pad - w[3];
  if (x.rank() != 4 || w.rank() != 4 || x[1] != w[1] || h < 0 || v < 0) {
    throw ShapeError(
        fmt::format("filters {} do not fit x {} with pad {}: they need as many channels, and to be "
                    "no larger than the padded map",
                    w.ToString(), x.ToString(), s.pad));
  }
  return {x[0], w[0], h / s.stride + 1, v / s.stride + 1};
}

Shape PoolOutput(const Shape& x, const PoolWindow& p) {
  AtLeast(p.h, 1, "height");
  AtLeast(p.w, 1, "width");
  AtLeast(p.stride, 1, "stride");
  if (x.rank() != 4 || x[2] < p.h || x[3] < p.w)
    throw ShapeError(fmt::format("a window of {}x{} does not fit x {}", p.h, p.w, x.ToString()));
  return {x[0], x[1], (x[2] - p.h) / p.stride + 1, (x[3] - p.w) / p.stride + 1};
}

py::tuple Tuple(const NormGradients& g) {
  return py::make_tuple(CopyOf<double>(g.dx), CopyOf<double>(g.dgamma), CopyOf<double>(g.dbeta));
}

Shape ShapeFrom(const py::tuple& extents) {
  std::vector<int64_t> list;
  for (const py::handle& e : extents) list.push_back(e.cast<int64_t>());
  for (const int64_t e : list) AtLeast(e, 1, "an extent");
  return Shape(list);
}

void BindConvolution(py::module_& m) {
  m.def("conv_forward", [](const Array& xa, const Array& wa, const Array& ba, int64_t stride, int64_t pad) {
    const View x = Of(xa, "x"), w = Of(wa, "w"), b = Of(ba, "b");
    ConvOutput(x.shape(), w.shape(), {stride, pad});
    Same(b, {w.extent(0)}, "b");
    return CopyOf<double>(notes::ConvForward(x, w, b, {stride, pad}));
  });
  m.def("conv_dw", [](const Array& dya, const Array& xa, const py::tuple& w, int64_t stride, int64_t pad) {
    const View x = Of(xa, "x"), dy = Of(dya, "dy");
    const Shape shape = ShapeFrom(w);
    Same(dy, ConvOutput(x.shape(), shape, {stride, pad}), "dy");
    return CopyOf<double>(notes::ConvDw(dy, x, shape, {stride, pad}));
  });
  m.def("conv_db", [](const Array& dya) {
    const View dy = Of(dya, "dy");
    Rank(dy, 4, "dy");
    return CopyOf<double>(notes::ConvDb(dy));
  });
  struct Row {
    const char* name;
    Tensor<double> (*dx)(View dy, View w, const Shape& x, const ConvShape& s);
  };
  for (const Row& row : std::initializer_list<Row>{{"conv_dx_nine_loops", notes::ConvDxNineLoops},
                                                   {"conv_dx_masks", notes::ConvDxMasks},
                                                   {"conv_dx_closed_form", notes::ConvDxClosedForm},
                                                   {"conv_dx_scatter", notes::ConvDxScatter},
                                                   {"conv_dx_turned_filters", notes::ConvDxTurnedFilters}}) {
    m.def(row.name,
          [run = row.dx](const Array& dya, const Array& wa, const py::tuple& x, int64_t stride, int64_t pad) {
            const View dy = Of(dya, "dy"), w = Of(wa, "w");
            const Shape shape = ShapeFrom(x);
            Same(dy, ConvOutput(shape, w.shape(), {stride, pad}), "dy");
            return CopyOf<double>(run(dy, w, shape, {stride, pad}));
          });
  }
  m.def("pad", [](const Array& xa, int64_t pad) {
    const View x = Of(xa, "x");
    Rank(x, 4, "x");
    AtLeast(pad, 0, "pad");
    return CopyOf<double>(notes::Pad(x, pad));
  });
  m.def("pad_backward", [](const Array& dxa, int64_t pad) {
    const View dx = Of(dxa, "dx_pad");
    Rank(dx, 4, "dx_pad");
    AtLeast(pad, 0, "pad");
    if (dx.extent(2) <= 2 * pad || dx.extent(3) <= 2 * pad)
      throw ShapeError(
          fmt::format("nothing is left of dx_pad {} without pad {}", dx.shape().ToString(), pad));
    return CopyOf<double>(notes::PadBackward(dx, pad));
  });
}

void BindMaxPool(py::module_& m) {
  m.def("max_pool_forward", [](const Array& xa, int64_t h, int64_t w, int64_t stride) {
    const View x = Of(xa, "x");
    PoolOutput(x.shape(), {h, w, stride});
    return CopyOf<double>(notes::MaxPoolForward(x, {h, w, stride}));
  });
  struct Row {
    const char* name;
    Tensor<double> (*dx)(View dy, View x, const PoolWindow& p);
  };
  for (const Row& row : std::initializer_list<Row>{{"max_pool_dx", notes::MaxPoolDx},
                                                   {"max_pool_dx_plane_wide", notes::MaxPoolDxPlaneWide},
                                                   {"max_pool_dx_all_ties", notes::MaxPoolDxAllTies}}) {
    m.def(row.name, [run = row.dx](const Array& dya, const Array& xa, int64_t h, int64_t w, int64_t stride) {
      const View dy = Of(dya, "dy"), x = Of(xa, "x");
      Same(dy, PoolOutput(x.shape(), {h, w, stride}), "dy");
      return CopyOf<double>(run(dy, x, {h, w, stride}));
    });
  }
}

void CheckNorm(View x, int rank, std::initializer_list<View> channels) {
  Rank(x, rank, "x");
  for (const View& c : channels) Same(c, {x.extent(1)}, "gamma, beta or variance");
}

void BindNorm(py::module_& m, const char* name, const char* backward_name, int rank,
              Tensor<double> (*forward)(View, View, View), NormGradients (*backward)(View, View, View)) {
  m.def(name, [=](const Array& xa, const Array& ga, const Array& ba) {
    const View x = Of(xa, "x"), gamma = Of(ga, "gamma"), beta = Of(ba, "beta");
    CheckNorm(x, rank, {gamma, beta});
    return CopyOf<double>(forward(x, gamma, beta));
  });
  m.def(backward_name, [=](const Array& dya, const Array& xa, const Array& ga) {
    const View dy = Of(dya, "dy"), x = Of(xa, "x"), gamma = Of(ga, "gamma");
    CheckNorm(x, rank, {gamma});
    Same(dy, x.shape(), "dy");
    return Tuple(backward(dy, x, gamma));
  });
}

void BindBatchNorm(py::module_& m) {
  BindNorm(m, "batch_norm_1d", "batch_norm_1d_backward", 2, notes::BatchNorm1d, notes::BatchNorm1dBackward);
  BindNorm(m, "spatial_batch_norm", "spatial_batch_norm_backward", 4, notes::SpatialBatchNorm,
           notes::SpatialBatchNormBackward);
  m.def("to_rows", [](const Array& xa) {
    const View x = Of(xa, "x");
    Rank(x, 4, "x");
    return CopyOf<double>(notes::ToRows(x));
  });
  m.def("wrong_rows", [](const Array& xa) {
    const View x = Of(xa, "x");
    Rank(x, 4, "x");
    return CopyOf<double>(notes::WrongRows(x));
  });
  m.def("from_rows", [](const Array& rows_array, const py::tuple& x) {
    const View rows = Of(rows_array, "rows");
    const Shape shape = ShapeFrom(x);
    if (shape.rank() != 4) throw ShapeError("x must have four extents");
    Same(rows, {shape[0] * shape[2] * shape[3], shape[1]}, "rows");
    return CopyOf<double>(notes::FromRows(rows, shape));
  });
  m.def("norm_jacobian", [](const Array& xa, int64_t k, int64_t l, int64_t i, int64_t j) {
    const View x = Of(xa, "x");
    Rank(x, 2, "x");
    for (const int64_t row : {k, i}) {
      if (row < 0 || row >= x.extent(0)) throw ArgumentError(fmt::format("there is no row {}", row));
    }
    for (const int64_t column : {l, j}) {
      if (column < 0 || column >= x.extent(1))
        throw ArgumentError(fmt::format("there is no column {}", column));
    }
    return notes::NormJacobian(x, k, l, i, j);
  });
  m.def("darknet_backward", [](const Array& da, const Array& xa, const Array& ga, const std::string& order) {
    const View delta = Of(da, "delta"), x = Of(xa, "x"), gamma = Of(ga, "gamma");
    CheckNorm(x, 4, {gamma});
    Same(delta, x.shape(), "delta");
    if (order == "right") return Tuple(notes::DarknetBackward(delta, x, gamma, notes::DarknetOrder::kRight));
    if (order == "scale_last")
      return Tuple(notes::DarknetBackward(delta, x, gamma, notes::DarknetOrder::kScaleLast));
    if (order == "variance_as_printed")
      return Tuple(notes::DarknetBackward(delta, x, gamma, notes::DarknetOrder::kVarianceAsPrinted));
    throw ArgumentError(
        fmt::format("order is \"{}\"; it must be right, scale_last or variance_as_printed", order));
  });
  m.def("darknet_backward_frozen", [](const Array& da, const Array& ga, const Array& va) {
    const View delta = Of(da, "delta"), gamma = Of(ga, "gamma"), variance = Of(va, "rolling_var");
    CheckNorm(delta, 4, {gamma, variance});
    return CopyOf<double>(notes::DarknetBackwardFrozen(delta, gamma, variance));
  });
  m.def("darknet_variance", [](const Array& xa, int64_t channel) {
    const View x = Of(xa, "x");
    Rank(x, 4, "x");
    if (channel < 0 || channel >= x.extent(1))
      throw ArgumentError(fmt::format("there is no channel {}", channel));
    return notes::DarknetVariance(x, channel);
  });
}

void CheckSandwich(View x, View w, View b, View gamma, View beta) {
  Rank(x, 2, "x");
  Rank(w, 2, "w");
  Same(w, {x.extent(1), w.extent(1)}, "w");
  for (const View& v : {b, gamma, beta}) Same(v, {w.extent(1)}, "b, gamma or beta");
}

void BindSandwich(py::module_& m) {
  m.def("affine_batch_norm_relu",
        [](const Array& xa, const Array& wa, const Array& ba, const Array& ga, const Array& bta) {
          const View x = Of(xa, "x"), w = Of(wa, "w"), b = Of(ba, "b"), gamma = Of(ga, "gamma"),
                     beta = Of(bta, "beta");
          CheckSandwich(x, w, b, gamma, beta);
          return CopyOf<double>(notes::AffineBatchNormRelu(x, w, b, gamma, beta));
        });
  m.def("affine_batch_norm_relu_backward", [](const Array& daa, const Array& xa, const Array& wa,
                                              const Array& ba, const Array& ga, const Array& bta) {
    const View da = Of(daa, "da"), x = Of(xa, "x"), w = Of(wa, "w"), b = Of(ba, "b"), gamma = Of(ga, "gamma"),
               beta = Of(bta, "beta");
    CheckSandwich(x, w, b, gamma, beta);
    Same(da, {x.extent(0), w.extent(1)}, "da");
    const auto g = notes::AffineBatchNormReluBackward(da, x, w, b, gamma, beta);
    return py::make_tuple(CopyOf<double>(g.dx), CopyOf<double>(g.dw), CopyOf<double>(g.db),
                          CopyOf<double>(g.dgamma), CopyOf<double>(g.dbeta));
  });
}

}  // namespace

void BindNotes(py::module_& parent) {
  py::module_ m = parent.def_submodule("notes");
  BindConvolution(m);
  BindMaxPool(m);
  BindBatchNorm(m);
  BindSandwich(m);
}

}  // namespace fovea::python
