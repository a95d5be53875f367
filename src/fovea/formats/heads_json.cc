#include "fovea/formats/heads_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fovea/base/error.h"

namespace fovea {
namespace {

using Json = nlohmann::json;

Json ToJson(const DetectionHead& head) {
  const auto extents = head.shape.extents();
  return {{"type", head.type},           {"shape", std::vector<int64_t>(extents.begin(), extents.end())},
          {"offset", head.offset},       {"classes", head.classes},
          {"scale_x_y", head.scale_x_y}, {"new_coords", head.new_coords},
          {"anchors", head.anchors},     {"mask", head.mask}};
}

bool IsWhole(const DetectionHead& head) {
  if (head.shape.rank() != 3 || head.offset < 0 || head.classes < 1) return false;
  if (head.type != "yolo") return true;
  const int64_t channels = head.shape[0], spare = channels - head.classes;
  if (spare < 5 || channels % (head.classes + 5) != 0) return false;
  const auto boxes = static_cast<std::size_t>(channels / (head.classes + 5));
  return head.mask.size() == boxes && std::ranges::all_of(head.mask, [&](int64_t box) {
           return box >= 0 && static_cast<std::size_t>(box) < head.anchors.size() / 2;
         });
}

DetectionHead FromJson(const Json& json) {
  DetectionHead head{.type = json.at("type").get<std::string>(),
                     .shape = Shape(json.at("shape").get<std::vector<int64_t>>()),
                     .offset = json.at("offset").get<int64_t>(),
                     .classes = json.at("classes").get<int64_t>(),
                     .scale_x_y = json.at("scale_x_y").get<double>(),
                     .new_coords = json.at("new_coords").get<bool>(),
                     .anchors = json.at("anchors").get<std::vector<double>>(),
                     .mask = json.at("mask").get<std::vector<int64_t>>()};
  if (!IsWhole(head)) {
    throw FormatError(fmt::format(
        "a [{}] head of {} classes, {} of {} anchors and {} numbers does not fit together", head.type,
        head.classes, head.mask.size(), head.anchors.size() / 2, head.shape.ToString()));
  }
  return head;
}

}  // namespace

std::string HeadsToJson(const std::vector<DetectionHead>& heads) {
  Json json = Json::array();
  for (const DetectionHead& head : heads) json.push_back(ToJson(head));
  return json.dump();
}

std::vector<DetectionHead> HeadsFromJson(const std::string& text) {
  std::vector<DetectionHead> heads;
  for (const Json& head : Json::parse(text)) heads.push_back(FromJson(head));
  return heads;
}

}  // namespace fovea
