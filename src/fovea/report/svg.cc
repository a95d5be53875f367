#include "fovea/report/svg.h"

namespace fovea {

void OpenSvg(std::string_view style, double x, double y, double width, double height, std::string_view title,
             std::string_view description, Markup& out) {
  const std::string box =
      Coordinate(x) + " " + Coordinate(y) + " " + Coordinate(width) + " " + Coordinate(height);
  out.Open("svg",
           {{"class", style}, {"viewBox", box}, {"role", "img"}, {"xmlns", "http://www.w3.org/2000/svg"}});
  out.Element("title", {}, title).Element("desc", {}, description);
}

void SvgText(std::string_view style, double x, double y, std::string_view anchor, std::string_view text,
             Markup& out) {
  out.Element("text", {{"class", style}, {"x", Coordinate(x)}, {"y", Coordinate(y)}, {"text-anchor", anchor}},
              text);
}

void SvgLine(std::string_view style, double x1, double y1, double x2, double y2, Markup& out) {
  out.Leaf("line", {{"class", style},
                    {"x1", Coordinate(x1)},
                    {"y1", Coordinate(y1)},
                    {"x2", Coordinate(x2)},
                    {"y2", Coordinate(y2)}});
}

void SvgCircle(std::string_view style, double x, double y, double radius, Markup& out) {
  out.Leaf("circle",
           {{"class", style}, {"cx", Coordinate(x)}, {"cy", Coordinate(y)}, {"r", Coordinate(radius)}});
}

void SvgRect(std::string_view style, double x, double y, double width, double height, Markup& out) {
  out.Leaf("rect", {{"class", style},
                    {"x", Coordinate(x)},
                    {"y", Coordinate(y)},
                    {"width", Coordinate(width)},
                    {"height", Coordinate(height)}});
}

}  // namespace fovea
