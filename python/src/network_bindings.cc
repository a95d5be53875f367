#include <fmt/format.h>
#include <pybind11/stl.h>

#include "arrays.h"
#include "bindings.h"
#include "fovea/base/error.h"
#include "fovea/formats/network_json.h"
#include "fovea/formats/registry.h"
#include "fovea/formats/weights.h"
#include "fovea/layers/registry.h"
#include "fovea/network/architectures.h"
#include "fovea/train/run_folder.h"
#include "fovea/train/start_network.h"
#include "hyper.h"
#include "network.h"

namespace fovea::python {
namespace {

using Held = std::shared_ptr<HeldNetwork>;

Shape ShapeFrom(const std::vector<int64_t>& extents) { return Shape(extents); }

Preprocessing Unchanged(const Shape& image) {
  const auto channels = static_cast<std::size_t>(image[0]);
  return {std::vector<double>(channels, 0.0), std::vector<double>(channels, 1.0)};
}

Held Build(const std::string& spec, const std::vector<int64_t>& input, int64_t classes, uint64_t seed) {
  return std::make_shared<HeldNetwork>(NamedModel(spec, ShapeFrom(input), classes, seed));
}

bool OutsideRoot(const std::string& path, const std::string& epsilon) {
  if (epsilon.empty()) return false;
  if (!path.ends_with(".weights"))
    throw ArgumentError(fmt::format("epsilon is \"{}\", but {} is no .weights of darknet", epsilon, path));
  if (epsilon != "inside" && epsilon != "outside")
    throw ArgumentError(fmt::format("epsilon is \"{}\"; it must be \"inside\" or \"outside\"", epsilon));
  return epsilon == "outside";
}

Held Empty(const std::vector<int64_t>& input) {
  const Shape shape = ShapeFrom(input);
  if (shape.rank() == 0) throw ShapeError("the input of a network has at least one axis: (C,H,W) or (C)");
  return std::make_shared<HeldNetwork>(Model{Network(shape), Unchanged(shape), {}});
}

Held FromJson(const std::string& text) {
  Network network = NetworkFromJson("the text", text);
  const Shape image(network.InputShape(1).extents().subspan(1));
  return std::make_shared<HeldNetwork>(Model{std::move(network), Unchanged(image), {}});
}

void SetWeights(HeldNetwork& held, const py::dict& arrays, const std::string& names) {
  NamedArrays copies;
  for (const auto& [name, array] : arrays) {
    auto key = py::cast<std::string>(name);
    const auto values = ReadOnly<float>(py::reinterpret_borrow<py::object>(array), key.c_str());
    copies.emplace_back(std::move(key), Tensor<float>(values.shape()));
    std::copy(values.values().begin(), values.values().end(), copies.back().second.data());
  }
  WithoutGlobalLock([&] { held.SetWeights("the arrays", copies, names); });
}

void AddLayer(HeldNetwork& held, const std::string& name, const std::string& type, const py::dict& hyper,
              const std::vector<std::string>& inputs) {
  const auto layer = MakeLayer(type, HyperOf(hyper));
  WithoutGlobalLock([&] { held.Add(name, layer, inputs); });
}

// What `look` says of the model, under its lock; it must touch no Python object.
template <class Look>
auto Ask(HeldNetwork& held, const Look& look) {
  return WithoutGlobalLock([&] {
    const auto lock = held.Lock();
    return look(held.model());
  });
}

template <class S>
py::array ForwardIn(HeldNetwork& held, const py::object& images, bool training, const Draws& draws) {
  const auto x = ReadOnly<S>(images, "x");
  const int64_t n = x.shape().rank() > 0 ? x.extent(0) : 1;
  NewArray<S> y(Ask(held, [&](const Model& model) { return model.network.OutputShape(n); }));
  WithoutGlobalLock(
      [&] { held.Forward(x, training ? Mode::kTraining : Mode::kInference, draws.For(n), y.view); });
  return y.array;
}

py::array Forward(HeldNetwork& held, const py::object& x, bool training, uint64_t seed, uint32_t epoch,
                  const std::vector<int64_t>& samples) {
  const Draws draws{seed, epoch, samples};
  return IsDouble(x) ? ForwardIn<double>(held, x, training, draws)
                     : ForwardIn<float>(held, x, training, draws);
}

// Parameters or states by name.
using Tensors = std::span<const NamedTensor> (Network::*)() const;
std::vector<std::pair<std::string, Shape>> Listed(HeldNetwork& held, Tensors tensors) {
  return Ask(held, [&](const Model& model) {
    std::vector<std::pair<std::string, Shape>> list;
    for (const NamedTensor& t : (model.network.*tensors)()) list.emplace_back(t.name, t.value.shape());
    return list;
  });
}

template <class S>
py::tuple BackwardIn(HeldNetwork& held, const py::object& gradient) {
  const auto dy = ReadOnly<S>(gradient, "dy");
  const int64_t n = dy.shape().rank() > 0 ? dy.extent(0) : 1;
  NewArray<S> dx(Ask(held, [&](const Model& model) { return model.network.InputShape(n); }));
  py::dict gradients;
  std::vector<TensorView<S>> views;
  for (const auto& [name, shape] : Listed(held, &Network::parameters)) {
    NewArray<S> dw(shape);
    views.push_back(dw.view);
    gradients[py::str(name)] = dw.array;
  }
  WithoutGlobalLock([&] { held.Backward<S>(dy, dx.view, views); });
  return py::make_tuple(dx.array, gradients);
}

py::tuple Backward(HeldNetwork& held, const py::object& dy) {
  return IsDouble(dy) ? BackwardIn<double>(held, dy) : BackwardIn<float>(held, dy);
}

std::vector<std::string> Names(HeldNetwork& held, Tensors tensors) {
  std::vector<std::string> names;
  for (const auto& [name, shape] : Listed(held, tensors)) names.push_back(name);
  return names;
}

// A view that keeps the network alive and is counted while it lives. A network never moves its tensors.
py::array ViewOf(const Held& held, Tensors tensors, std::size_t i) {
  const TensorView<const float> values = Ask(*held, [&](const Model& model) -> TensorView<const float> {
    const auto all = (model.network.*tensors)();
    if (i >= all.size()) throw ArgumentError(fmt::format("there is no tensor {}", i));
    return all[i].value;
  });
  held->TakeView();
  const py::capsule owner(new Held(held), [](void* pointer) {
    const std::unique_ptr<Held> owned(static_cast<Held*>(pointer));
    (*owned)->DropView();
  });
  return py::array_t<float>(Extents(values.shape()), values.data(), owner);
}

struct LayerFacts {
  std::string name, type, hyper;
  std::vector<std::string> inputs;
  std::vector<int64_t> shape;  // without the batch
  int64_t parameters, multiply_adds;
};

std::vector<LayerFacts> Describe(const Model& model) {
  const Network& net = model.network;
  std::vector<LayerFacts> all;
  for (const Node& node : net.nodes()) {
    LayerFacts facts{node.name,
                     std::string(node.layer->Type()),
                     ToString(node.layer->HyperParameters()),
                     {},
                     {},
                     0,
                     node.layer->MultiplyAdds(net.InputShapes(node, 1))};
    for (int v : node.inputs)
      facts.inputs.push_back(v == 0 ? "input" : net.nodes()[static_cast<std::size_t>(v) - 1].name);
    const auto extents = node.shape.extents().subspan(1);
    facts.shape.assign(extents.begin(), extents.end());
    facts.parameters = net.ParameterCount(node);
    all.push_back(std::move(facts));
  }
  return all;
}

py::list Layers(HeldNetwork& held) {
  py::list list;
  for (const LayerFacts& facts : Ask(held, Describe)) {
    py::dict row;
    row["name"] = facts.name;
    row["type"] = facts.type;
    row["hyper"] = facts.hyper;
    row["inputs"] = facts.inputs;
    row["shape"] = py::tuple(py::cast(facts.shape));
    row["parameters"] = facts.parameters;
    row["multiply_adds"] = facts.multiply_adds;
    list.append(row);
  }
  return list;
}

using NetworkClass = py::class_<HeldNetwork, Held>;

void BindWeights(NetworkClass& network) {
  network
      .def("load_weights",
           [](HeldNetwork& held, const std::string& path, const std::string& names) {
             WithoutGlobalLock([&] { held.SetWeights(path, ReadWeights(path), names); });
           })
      .def("set_weights", &SetWeights)
      .def("save_weights",
           [](HeldNetwork& held, const std::string& path, const std::string& names) {
             WithoutGlobalLock([&] { held.SaveWeights(path, names); });
           })
      .def("initialise",
           [](HeldNetwork& held, uint64_t seed) { WithoutGlobalLock([&] { held.Initialise(seed); }); })
      .def("parameter_names", [](HeldNetwork& held) { return Names(held, &Network::parameters); })
      .def("state_names", [](HeldNetwork& held) { return Names(held, &Network::states); })
      .def("parameter", [](const Held& held, std::size_t i) { return ViewOf(held, &Network::parameters, i); })
      .def("state", [](const Held& held, std::size_t i) { return ViewOf(held, &Network::states, i); });
}

}  // namespace

void BindNetwork(py::module_& m) {
  m.def("network_names", &NetworkNames);
  NetworkClass network(m, "Network");
  BindWeights(network);
  network.def(py::init(&Empty), py::arg("input"))
      .def_static("build", &Build, py::arg("architecture"), py::arg("input"), py::arg("classes"),
                  py::arg("seed"))
      .def_static(
          "load",
          [](const std::string& path, const std::vector<int64_t>& input, const std::string& output,
             const std::string& cfg, const std::string& epsilon) {
            const ImportOptions options{ShapeFrom(input), output, cfg, OutsideRoot(path, epsilon)};
            return WithoutGlobalLock(
                [&] { return std::make_shared<HeldNetwork>(LoadAnyModel(FindModel(path), options)); });
          },
          py::arg("path"), py::arg("input"), py::arg("output"), py::arg("cfg"), py::arg("epsilon"))
      .def_static("from_json", &FromJson)
      .def("copy",
           [](HeldNetwork& held) {
             return std::make_shared<HeldNetwork>(Ask(held, [](const Model& model) { return model; }));
           })
      .def("to_bytes",
           [](HeldNetwork& held) { return py::bytes(WithoutGlobalLock([&] { return held.ToBytes(); })); })
      .def_static("from_bytes",
                  [](const py::bytes& bytes) {
                    const std::string copy = bytes;
                    return WithoutGlobalLock([&] { return HeldNetwork::FromBytes(copy); });
                  })
      .def("to_json",
           [](HeldNetwork& held) {
             return Ask(held, [](const Model& model) { return NetworkToJson(model.network); });
           })
      .def("save",
           [](HeldNetwork& held, const std::string& path) { WithoutGlobalLock([&] { held.Save(path); }); })
      .def("add", &AddLayer, py::arg("name"), py::arg("type"), py::arg("hyper"), py::arg("inputs"))
      .def("end_at_scores", [](HeldNetwork& held) { WithoutGlobalLock([&] { held.EndAtScores(); }); })
      .def("forward", &Forward, py::arg("x"), py::arg("training"), py::arg("seed"), py::arg("epoch"),
           py::arg("samples"))
      .def("backward", &Backward, py::arg("dy"))
      .def("layers", &Layers)
      .def("input_shape",
           [](HeldNetwork& held) {
             const Shape shape = Ask(held, [](const Model& model) { return model.network.InputShape(1); });
             const auto extents = shape.extents().subspan(1);
             return py::tuple(py::cast(std::vector<int64_t>(extents.begin(), extents.end())));
           })
      .def("classes",
           [](HeldNetwork& held) { return Ask(held, [](const Model& model) { return model.classes; }); })
      .def("set_classes",
           [](HeldNetwork& held, std::vector<std::string> classes) {
             Ask(held, [&](Model& model) { return model.classes = std::move(classes); });
           })
      .def("preprocessing",
           [](HeldNetwork& held) {
             const auto p = Ask(held, [](const Model& model) { return model.preprocessing; });
             return py::make_tuple(p.mean, p.deviation);
           })
      .def("set_preprocessing", [](HeldNetwork& held, std::vector<double> mean,
                                   std::vector<double> deviation) {
        Ask(held, [&](Model& model) {
          const auto channels = static_cast<std::size_t>(model.network.InputShape(1)[1]);
          if (mean.size() != channels || deviation.size() != channels)
            throw ArgumentError(fmt::format("mean and deviation need {} numbers, one a channel", channels));
          model.preprocessing = {std::move(mean), std::move(deviation)};
          return true;
        });
      });
}

}  // namespace fovea::python
