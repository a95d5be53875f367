// The few shapes that charts are made of, as SVG elements. Colours come from the style sheet by class.
#pragma once

#include <string>
#include <string_view>

#include "fovea/report/markup.h"

namespace fovea {

// Opens an <svg> that shows the rectangle from (x, y), named by `title` and described by `description` for
// those who do not see it.
void OpenSvg(std::string_view style, double x, double y, double width, double height, std::string_view title,
             std::string_view description, Markup& out);

// `anchor` is start, middle or end.
void SvgText(std::string_view style, double x, double y, std::string_view anchor, std::string_view text,
             Markup& out);
void SvgLine(std::string_view style, double x1, double y1, double x2, double y2, Markup& out);
void SvgCircle(std::string_view style, double x, double y, double radius, Markup& out);
void SvgRect(std::string_view style, double x, double y, double width, double height, Markup& out);

}  // namespace fovea
