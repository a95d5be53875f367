#include "fovea/formats/onnx/schedule.h"

namespace fovea::onnx {

Schedule::Schedule(const std::vector<const proto::NodeProto*>& nodes,
                   std::function<bool(const proto::NodeProto&)> folds)
    : nodes_(nodes), folds_(std::move(folds)), missing_(nodes.size(), 0) {
  for (std::size_t i = 0; i < nodes.size(); i++) {
    for (const std::string& name : nodes[i]->input()) {
      if (name.empty()) continue;
      readers_[name].push_back(i);
      missing_[i]++;
    }
  }
  for (std::size_t i = 0; i < nodes.size(); i++) {
    if (missing_[i] == 0) Add(i);
  }
}

void Schedule::Add(std::size_t node) { (folds_(*nodes_[node]) ? folding_ : others_).insert(node); }

void Schedule::Announce(const std::string& name) {
  const auto readers = readers_.find(name);
  if (name.empty() || !there_.insert(name).second || readers == readers_.end()) return;
  for (const std::size_t reader : readers->second) {
    if (--missing_[reader] == 0) Add(reader);
  }
}

const proto::NodeProto* Schedule::Next() {
  std::set<std::size_t>& ready = folding_.empty() ? others_ : folding_;
  if (ready.empty()) return nullptr;
  const std::size_t node = *ready.begin();
  ready.erase(ready.begin());
  missing_[node] = -1;
  return nodes_[node];
}

const proto::NodeProto* Schedule::Left() const {
  for (std::size_t i = 0; i < nodes_.size(); i++) {
    if (missing_[i] >= 0) return nodes_[i];
  }
  return nullptr;
}

}  // namespace fovea::onnx
