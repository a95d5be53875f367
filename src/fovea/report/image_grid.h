// Images in rows: what the network said about some test images, and the filters of its first layer.
#pragma once

#include <string>
#include <vector>

#include "fovea/report/evaluation_record.h"
#include "fovea/report/markup.h"

namespace fovea {

// Appends a figure for each prediction: image, verdict, truth and confidence. Wrong ones come first, the most
// confident of them leading, and are marked by word, sign and border. At most `limit` are shown.
void DrawPredictions(const EvaluationRecord& evaluation, std::size_t limit, Markup& out);

// Appends one image for each filter; `what` completes "filter 3 of ...".
void DrawFilters(const std::vector<ByteImage>& filters, const std::string& what, Markup& out);

}  // namespace fovea
