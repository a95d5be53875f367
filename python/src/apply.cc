#include <fmt/format.h>
#include <pybind11/stl.h>

#include "applied_cache.h"
#include "arrays.h"
#include "bindings.h"
#include "fovea/base/error.h"
#include "fovea/layers/registry.h"
#include "fovea/network/reference.h"
#include "hyper.h"
#include "settings.h"

namespace fovea::python {
namespace {

// Never destroyed: threads may compute while the process ends.
AppliedCache& Cache() {
  static AppliedCache& cache = *new AppliedCache;
  return cache;
}

// What a call says beside its arrays.
struct Setting {
  std::shared_ptr<const Layer> layer;
  Mode mode;
  Draws draws;
};

// The views of a call, checked against the layer.
template <class S>
struct Operands {
  Operands(const Setting& setting, const py::list& inputs, const py::list& parameters, const py::list& states)
      : x(ReadOnlyList<S>(inputs, "input")), w(ReadOnlyList<S>(parameters, "parameter")) {
    for (const py::handle& s : states) state.push_back(Writable<S>(s, fmt::format("state {}", state.size())));
    const Layer& layer = *setting.layer;
    const auto arity = layer.Inputs();
    const auto count = static_cast<int>(x.size());
    if (count < arity.min || count > arity.max) {
      throw ArgumentError(
          fmt::format("{} takes {} to {} inputs, got {}", layer.Type(), arity.min, arity.max, count));
    }
    for (const auto& view : x) {
      shapes.push_back(view.shape());
      if (view.shape().rank() == 0) throw ShapeError("an input must have a batch axis");
    }
    y = layer.OutputShape(shapes);
    Check(layer.Parameters(shapes), w);
    Check(layer.State(shapes), state);
  }

  template <class View>
  static void Check(const std::vector<ParameterSpec>& specs, const std::vector<View>& views) {
    if (specs.size() != views.size()) {
      throw ArgumentError(fmt::format("there must be {} parameters, got {}", specs.size(), views.size()));
    }
    for (std::size_t i = 0; i < specs.size(); i++) {
      if (specs[i].shape == views[i].shape()) continue;
      throw ShapeError(fmt::format("{} must be {}, got {}", specs[i].name, specs[i].shape.ToString(),
                                   views[i].shape().ToString()));
    }
  }

  // Whether a program can run it: one input, a map or features.
  bool FitsEngine() const {
    const auto fits = [](const Shape& s) { return s.rank() == 2 || s.rank() == 4; };
    return x.size() == 1 && fits(shapes[0]) && fits(y);
  }

  std::vector<TensorView<const S>> x, w;
  std::vector<TensorView<S>> state;
  std::vector<Shape> shapes;
  Shape y;
};

// The float state of a compiled layer: written before the run, read after it.
void Load(const Operands<float>& o, AppliedLayer& applied) {
  for (std::size_t i = 0; i < o.state.size(); i++) {
    const auto to = applied.network().MutableState(static_cast<int>(i));
    std::copy(o.state[i].values().begin(), o.state[i].values().end(), to.data());
  }
}
void Store(const AppliedCache::Lent& lent, const Operands<float>& o) {
  for (std::size_t i = 0; i < o.state.size(); i++) {
    const auto& from = lent.layer->network().states()[i].value;
    std::copy(from.values().begin(), from.values().end(), o.state[i].data());
  }
}

template <class S>
void ReferenceForward(const Setting& s, const Operands<S>& o, TensorView<S> y) {
  CallRandom random = s.draws.For(o.shapes[0][0]);
  random.key = NodeKey(random.key, 0);  // as a network of this one node draws
  s.layer->RunForward(ForwardCall<S>{o.x, o.w, o.state, y, s.mode, random});
}

void EngineForward(const Setting& s, const Operands<float>& o, TensorView<float> y) {
  AppliedCache::Lent lent = Cache().Take(s.layer, o.shapes[0], s.mode);
  Load(o, *lent.layer);
  const auto result = lent.layer->Forward(o.x[0], o.w, s.draws.For(o.shapes[0][0]));
  std::copy(result.values().begin(), result.values().end(), y.data());
  Store(lent, o);
  Cache().Return(std::move(lent));
}

template <class S>
py::array Forward(const Setting& setting, const py::list& x, const py::list& w, const py::list& state) {
  const Operands<S> o(setting, x, w, state);
  NewArray<S> y(o.y);
  WithoutGlobalLock([&] {
    if constexpr (std::is_same_v<S, float>) {
      if (o.FitsEngine()) return EngineForward(setting, o, y.view);
    }
    ReferenceForward(setting, o, y.view);
  });
  return y.array;
}

template <class S>
struct Gradients {
  explicit Gradients(const Operands<S>& o) {
    for (const auto& x : o.x) dx.emplace_back(x.shape());
    for (const auto& w : o.w) {
      dw.emplace_back(w.shape());
      std::fill(dw.back().view.values().begin(), dw.back().view.values().end(), S(0));
    }
  }
  static py::list List(const std::vector<NewArray<S>>& arrays) {
    py::list list;
    for (const auto& a : arrays) list.append(a.array);
    return list;
  }
  std::vector<NewArray<S>> dx, dw;
};

template <class S>
void ReferenceBackward(const Setting& s, const Operands<S>& o, TensorView<const S> dy, Gradients<S>& g) {
  BackwardCall<S> call{o.x, o.w, {}, dy, {}, {}, s.mode, s.draws.For(o.shapes[0][0])};
  call.random.key = NodeKey(call.random.key, 0);
  call.state.assign(o.state.begin(), o.state.end());
  for (auto& dx : g.dx) call.dx.push_back(dx.view);
  for (auto& dw : g.dw) call.dw.push_back(dw.view);
  s.layer->RunBackward(call);
}

// A program keeps what the backward pass needs while it runs forward.
void EngineBackward(const Setting& s, const Operands<float>& o, TensorView<const float> dy,
                    Gradients<float>& g) {
  AppliedCache::Lent lent = Cache().Take(s.layer, o.shapes[0], Mode::kTraining);
  Load(o, *lent.layer);
  lent.layer->Forward(o.x[0], o.w, s.draws.For(o.shapes[0][0]));
  const auto dx = lent.layer->Backward(dy);
  std::copy(dx.values().begin(), dx.values().end(), g.dx[0].view.data());
  for (std::size_t i = 0; i < g.dw.size(); i++) {
    const auto dw = lent.layer->gradient(static_cast<int>(i));
    std::copy(dw.values().begin(), dw.values().end(), g.dw[i].view.data());
  }
  Cache().Return(std::move(lent));
}

template <class S>
py::tuple Backward(const Setting& setting, const py::handle& dy_array, const py::list& x, const py::list& w,
                   const py::list& state) {
  const Operands<S> o(setting, x, w, state);
  const auto dy = ReadOnly<S>(dy_array, "dy");
  if (dy.shape() != o.y) {
    throw ShapeError(fmt::format("dy must have the shape of the output, {}, got {}", o.y.ToString(),
                                 dy.shape().ToString()));
  }
  Gradients<S> g(o);
  WithoutGlobalLock([&] {
    if constexpr (std::is_same_v<S, float>) {
      if (o.FitsEngine()) return EngineBackward(setting, o, dy, g);
    }
    ReferenceBackward(setting, o, dy, g);
  });
  return py::make_tuple(Gradients<S>::List(g.dx), Gradients<S>::List(g.dw));
}

Setting SettingOf(const std::string& type, const py::dict& hyper, bool training, uint64_t seed,
                  uint32_t epoch, const std::vector<int64_t>& samples) {
  return {
      MakeLayer(type, HyperOf(hyper)), training ? Mode::kTraining : Mode::kInference, {seed, epoch, samples}};
}

// Runs `call` in the type of the first input; errors of shapes name the layer.
template <class Call>
auto Named(const std::string& type, const py::list& x, const Call& call) {
  if (x.empty()) throw ArgumentError(type + " needs an input");
  try {
    return IsDouble(x[0]) ? call(double{}) : call(float{});
  } catch (const ShapeError& error) {
    throw ShapeError(fmt::format("{}: {}", type, error.what()));
  }
}

py::array Apply(const std::string& type, const py::dict& hyper, const py::list& x, const py::list& w,
                const py::list& state, bool training, uint64_t seed, uint32_t epoch,
                const std::vector<int64_t>& samples) {
  const Setting setting = SettingOf(type, hyper, training, seed, epoch, samples);
  return Named(type, x, [&]<class S>(S) { return Forward<S>(setting, x, w, state); });
}

py::tuple ApplyBackward(const std::string& type, const py::dict& hyper, const py::object& dy,
                        const py::list& x, const py::list& w, const py::list& state, bool training,
                        uint64_t seed, uint32_t epoch, const std::vector<int64_t>& samples) {
  const Setting setting = SettingOf(type, hyper, training, seed, epoch, samples);
  return Named(type, x, [&]<class S>(S) { return Backward<S>(setting, dy, x, w, state); });
}

// Throws TypeError or ArgumentError that names the argument.
template <class T>
T Given(const std::string& name, const py::object& value) {
  T to{};
  py::dict named;
  named[py::str(name)] = value;
  FromHyper(name, HyperOf(named)[0].value, to);
  return to;
}

void SetThreads(const py::object& given) {
  const auto threads = Given<int64_t>("threads", given);
  if (threads < 0 || threads > 1024)
    throw ArgumentError(fmt::format("threads is {}; it must be 0 (every processor) to 1024", threads));
  Settings settings = CurrentSettings();
  settings.threads = static_cast<int>(threads);
  ChangeSettings(settings);
}

void SetNumerics(const py::object& given) {
  const auto numerics = Given<std::string>("numerics", given);
  if (numerics != "fast" && numerics != "direct")
    throw ArgumentError(fmt::format("numerics is \"{}\"; it must be fast or direct", numerics));
  Settings settings = CurrentSettings();
  settings.arithmetic.numerics = numerics == "fast" ? Numerics::kFast : Numerics::kDirect;
  ChangeSettings(settings);
}

py::dict DescribeLayer(const std::string& type) {
  const auto layer = MakeLayer(type);
  py::dict facts;
  facts["hyper"] = DictOf(layer->HyperParameters());
  facts["inputs"] = py::make_tuple(layer->Inputs().min, layer->Inputs().max);
  return facts;
}

}  // namespace

void BindLayers(py::module_& m) {
  m.def("apply", &Apply, py::arg("type"), py::arg("hyper"), py::arg("inputs"), py::arg("parameters"),
        py::arg("states"), py::arg("training"), py::arg("seed"), py::arg("epoch"), py::arg("samples"));
  m.def("apply_backward", &ApplyBackward, py::arg("type"), py::arg("hyper"), py::arg("dy"), py::arg("inputs"),
        py::arg("parameters"), py::arg("states"), py::arg("training"), py::arg("seed"), py::arg("epoch"),
        py::arg("samples"));
  m.def("layer_types", &LayerTypes);
  m.def("describe_layer", &DescribeLayer);
  m.def("set_threads", &SetThreads, py::arg("threads"));
  m.def("set_numerics", &SetNumerics, py::arg("numerics"));
}

}  // namespace fovea::python
