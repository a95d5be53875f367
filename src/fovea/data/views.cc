#include "fovea/data/views.h"

#include <fmt/format.h>

#include "fovea/base/error.h"
#include "fovea/base/suggest.h"

namespace fovea {
namespace {

View Moved(int64_t dy, int64_t dx, bool mirror, float weight) {
  return {{.dy = dy, .dx = dx, .mirror = mirror, .reflect = true}, weight};
}

struct Row {
  std::string name;
  std::vector<View> views;
};

const std::vector<Row>& Rows() {
  static const std::vector<Row> rows = {
      {"none", {View{}}},
      {"mirror", {Moved(0, 0, false, 0.5f), Moved(0, 0, true, 0.5f)}},
      {"mirror+shift",
       {Moved(0, 0, false, 0.25f), Moved(0, 0, true, 0.25f), Moved(-1, -1, false, 0.125f),
        Moved(-1, 1, true, 0.125f), Moved(1, 1, false, 0.125f), Moved(1, -1, true, 0.125f)}}};
  return rows;
}

}  // namespace

std::vector<View> ViewsOf(const std::string& name) {
  std::vector<std::string> names;
  for (const Row& row : Rows()) {
    if (row.name == name) return row.views;
    names.push_back(row.name);
  }
  throw ArgumentError(
      fmt::format("there is no test-time augmentation \"{}\"{}", name, DidYouMean(name, names)));
}

}  // namespace fovea
