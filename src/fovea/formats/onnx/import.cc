#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "fovea/base/error.h"
#include "fovea/formats/model_file.h"
#include "fovea/formats/onnx/described.h"
#include "fovea/formats/onnx/external.h"
#include "fovea/formats/onnx/fold.h"
#include "fovea/formats/onnx/graph.h"
#include "fovea/formats/onnx/incoming.h"
#include "fovea/formats/onnx/onnx.h"
#include "fovea/formats/onnx/patterns.h"
#include "fovea/formats/onnx/schedule.h"
#include "fovea/formats/onnx/squeezes.h"

namespace fovea {
namespace onnx {
namespace {

std::string PlaceOf(const proto::NodeProto& node) {
  const std::string& name = !node.name().empty() || node.output_size() == 0 ? node.name() : node.output(0);
  return fmt::format("node \"{}\" ({})", name, node.op_type());
}

// What Fovea has no layer for, told once for each kind of operator and reason.
class Complaints {
 public:
  void Add(const std::string& what, const proto::NodeProto& node) {
    for (Row& row : rows_) {
      if (row.what == what) {
        row.count++;
        return;
      }
    }
    rows_.push_back({what, PlaceOf(node), 1});
  }
  void Throw() const {
    if (rows_.empty()) return;
    std::string text;
    for (const Row& row : rows_)
      text += fmt::format("\n  {}: {} node{}, the first is {}", row.what, row.count,
                          row.count == 1 ? "" : "s", row.first);
    throw FormatError("Fovea has no layers for all of it:" + text);
  }

 private:
  struct Row {
    std::string what, first;
    int count;
  };
  std::vector<Row> rows_;
};

// In bytes.
int64_t RoomFor(const proto::GraphProto& graph, Sources& sources) {
  return 16 * (sources.model->size() + BytesBeside(graph, sources)) + (1 << 24);
}

class Importer {
 public:
  Importer(const proto::ModelProto& model, Sources sources, int64_t room, const ImportOptions& options)
      : frame_(FrameOf(model, options)),
        reading_{Network(frame_.image), std::move(sources), Budget(room), OpsetOf(model), frame_.batch} {
    reading_.output = frame_.output;
    for (const auto* node : frame_.nodes) {
      for (const std::string& name : node->input()) reading_.readers[name].push_back(node);
    }
    for (const auto& tensor : model.graph().initializer()) {
      if (!reading_.readers.contains(tensor.name())) continue;
      const Operand weights{std::make_shared<const Constant>(ConstantFrom(tensor, reading_.sources))};
      if (!reading_.operands.emplace(tensor.name(), weights).second)
        throw FormatError(fmt::format("two weights are called \"{}\"", tensor.name()));
    }
    reading_.operands[frame_.input] = {nullptr, {0, frame_.rank}};
  }

  Network Import() {
    Schedule schedule(frame_.nodes, [&](const proto::NodeProto& node) { return Folds(node); });
    for (const auto& [name, operand] : reading_.operands) schedule.Announce(name);
    std::string refused;
    while (const proto::NodeProto* node = schedule.Next()) {
      if (absorbed_.contains(node)) continue;
      try {
        Read(*node);
      } catch (const Unsupported& error) {
        complaints_.Add(fmt::format("{}, {}", node->op_type(), error.what()), *node);
        MakeUnknown(*node);
      } catch (const FormatError& error) {
        throw FormatError(fmt::format("{}: {}", PlaceOf(*node), error.what()));
      } catch (const IoError&) {
        throw;
      } catch (const Error&
                   error) {  // the layer or the network itself: after the list of what there is no layer for
        if (refused.empty()) refused = fmt::format("{}: {}", PlaceOf(*node), error.what());
        MakeUnknown(*node);
      }
      for (const std::string& name : node->output()) schedule.Announce(name);
      for (const auto* other : std::exchange(just_absorbed_, {})) schedule.Announce(other->output(0));
    }
    complaints_.Throw();
    if (!refused.empty()) throw FormatError(refused);
    if (const proto::NodeProto* left = schedule.Left()) RefuseLoose(*left);
    const auto found = reading_.operands.find(frame_.output);
    if (found == reading_.operands.end())
      throw FormatError(fmt::format("nothing gives the output \"{}\"", frame_.output));
    const Operand& output = found->second;
    if (output.constant || reading_.network.nodes().empty())
      throw FormatError("the output does not depend on the input");
    if (output.value.number != reading_.network.ValueCount() - 1)
      throw FormatError("the output is not the last value");
    return std::move(reading_.network);
  }

 private:
  // Whether a node whose inputs are known gives a constant.
  bool Folds(const proto::NodeProto& node) const {
    if (node.op_type() == "Shape") return true;
    return IsFolded(node.op_type()) &&
           std::all_of(node.input().begin(), node.input().end(), [&](const std::string& name) {
             return name.empty() || reading_.operands.at(name).constant != nullptr;
           });
  }

  [[noreturn]] void RefuseLoose(const proto::NodeProto& node) const {
    for (const std::string& name : node.input()) {
      if (!name.empty() && !reading_.operands.contains(name))
        throw FormatError(
            fmt::format("{}: it reads \"{}\", which nothing gives before it", PlaceOf(node), name));
    }
    throw FormatError(fmt::format("{}: it waits for itself", PlaceOf(node)));
  }

  void MakeUnknown(const proto::NodeProto& node) {
    for (const std::string& name : node.output()) {
      if (!name.empty()) reading_.operands[name] = {nullptr, {}, true};
    }
  }

  bool ReadsUnknown(const proto::NodeProto& node) const {
    return std::any_of(node.input().begin(), node.input().end(), [&](const std::string& name) {
      const auto found = reading_.operands.find(name);
      return found != reading_.operands.end() && found->second.unknown;
    });
  }

  // What a node says or gives beyond what has been read of it.
  void RefuseRest(const Incoming& in) const {
    in.attributes().RefuseOthers();
    for (int i = 1; i < in.node().output_size(); i++) {
      if (in.IsRead(i) && !reading_.operands.contains(in.node().output(i)))
        in.Refuse(fmt::format("its output {} is read", i));
    }
  }

  void Read(const proto::NodeProto& node) {
    static const Operator kNone{"", nullptr};
    if (node.output_size() == 0 || node.output(0).empty()) throw FormatError("it gives nothing");
    const bool own = node.domain().empty() || node.domain() == "ai.onnx";
    const Operator* row = own ? FindOperator(node.op_type()) : nullptr;
    const bool unknown = ReadsUnknown(node);
    Incoming in(node, row == nullptr ? kNone : *row, reading_);
    if (!unknown && own && Fold(in)) return RefuseRest(in);
    if (unknown && own && (row != nullptr || IsFolded(node.op_type()))) return MakeUnknown(node);
    if (row == nullptr) {
      complaints_.Add(own ? node.op_type() : node.domain() + "." + node.op_type(), node);
      return MakeUnknown(node);
    }
    row->read == nullptr ? ReadByRow(in) : row->read(in);
    RefuseRest(in);
    for (const auto* other : in.absorbed()) {
      absorbed_.insert(other);
      just_absorbed_.push_back(other);
      reading_.operands[other->output(0)] = reading_.operands[node.output(0)];
    }
  }

  Frame frame_;
  Reading reading_;
  Complaints complaints_;
  std::set<const proto::NodeProto*> absorbed_;
  std::vector<const proto::NodeProto*> just_absorbed_;
};

ModelMetadata MetadataIn(const proto::ModelProto& model) {
  ModelMetadata metadata;
  for (const auto& entry : model.metadata_props()) {
    if (entry.key().starts_with("fovea.")) metadata[entry.key()] = entry.value();
  }
  return metadata;
}

bool IsOnlyOutput(const proto::GraphProto& graph, const std::string& name) {
  return graph.output_size() == 1 && graph.output(0).name() == name;
}

// By its own description where the graph is the one described, else by the graph alone.
Network NetworkIn(proto::ModelProto& file, const ModelMetadata& metadata,
                  const std::shared_ptr<const ByteSource>& source, const ImportOptions& options) {
  Sources sources{source};
  const int64_t room = RoomFor(file.graph(), sources);
  if (const auto text = metadata.find("fovea.network"); text != metadata.end()) {
    const int64_t values = room / static_cast<int64_t>(sizeof(float));
    if (auto network = DescribedNetwork(file, text->second, options, values, sources))
      return std::move(*network);
  }
  Fuse(*file.mutable_graph(), sources);
  FuseSqueezes(*file.mutable_graph(), sources);
  return Importer(file, std::move(sources), room, options).Import();
}

Model Import(const std::shared_ptr<const ByteSource>& source, const ImportOptions& options) {
  proto::ModelProto file = ReadSkeleton(*source);
  const ModelMetadata metadata = MetadataIn(file);
  try {
    const bool whole = options.output.empty() || IsOnlyOutput(file.graph(), options.output),
               resized = FrameOf(file, options).resized;
    Model model{NetworkIn(file, metadata, source, options), {}, {}};
    const auto channels = static_cast<std::size_t>(model.network.InputShape(1)[1]);
    model.preprocessing = {std::vector<double>(channels, 0), std::vector<double>(channels, 1)};
    if (!metadata.empty()) {
      const Described part = !whole    ? Described::kBeginning
                             : resized ? Described::kResized
                                       : Described::kWhole;
      ReadMetadata(source->name(), metadata, part, model);
    }
    return model;
  } catch (const FormatError& error) {
    const std::string reason = error.what();
    throw FormatError(reason.starts_with(source->name()) ? reason
                                                         : fmt::format("{}: {}", source->name(), reason));
  } catch (const ShapeError& error) {
    throw FormatError(fmt::format("{}: {}", source->name(), error.what()));
  }
}

}  // namespace
}  // namespace onnx

bool KnowsOnnx() { return true; }

Model LoadOnnx(const std::string& path, const ImportOptions& options) {
  return onnx::Import(OpenFile(path), options);
}

Model ParseOnnx(const std::string& where, std::string_view bytes, const ImportOptions& options) {
  return onnx::Import(BytesInMemory(where, bytes), options);
}

}  // namespace fovea
