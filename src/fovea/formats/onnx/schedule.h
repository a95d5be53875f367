// The order in which a graph's nodes are read: that of the file, but what can be folded comes as soon as its inputs are there, so that who
// looks ahead finds constants.
#pragma once

#include <fovea_onnx.pb.h>

#include <functional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace fovea::onnx {

class Schedule {
 public:
  // `nodes` in the order of the file; `folds` says whether a node whose inputs are there is one to fold.
  Schedule(const std::vector<const proto::NodeProto*>& nodes,
           std::function<bool(const proto::NodeProto&)> folds);

  // A name that is there from now on.
  void Announce(const std::string& name);
  // The next node whose inputs are all there; nullptr when there is none.
  const proto::NodeProto* Next();
  // The first of the nodes that are left; nullptr when all have been given.
  const proto::NodeProto* Left() const;

 private:
  void Add(std::size_t node);

  const std::vector<const proto::NodeProto*>& nodes_;
  std::function<bool(const proto::NodeProto&)> folds_;
  std::vector<int> missing_;  // inputs; -1 once given
  std::unordered_map<std::string, std::vector<std::size_t>> readers_;
  std::set<std::size_t> folding_, others_;
  std::set<std::string> there_;
};

}  // namespace fovea::onnx
